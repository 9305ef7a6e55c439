// DECIMAL types and the digits that a number needs. Pure.

export interface Digits {
  /** Before the point. */
  readonly whole: number;
  /** Behind it. */
  readonly scale: number;
}

/** DuckDB's DECIMAL holds so many digits in all. */
export const mostDigits = 38;

/** Whole numbers beyond BIGINT. Never HUGEINT: Parquet would make a double of it. */
export const wideInteger = `DECIMAL(${mostDigits},0)`;

/** The digits that a DECIMAL type has room for; undefined for any other type. */
export function digitsOf(type: string): Digits | undefined {
  const [, precision, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (precision === undefined || scale === undefined) return undefined;
  return { whole: Number(precision) - Number(scale), scale: Number(scale) };
}

/** The widest DECIMAL with this many digits behind the point; text where 38 digits are too few. */
export function typeFor({ whole, scale }: Digits): string {
  return whole + scale <= mostDigits ? `DECIMAL(${mostDigits},${scale})` : 'VARCHAR';
}

/** Room for both. */
export function widest(a: Digits, b: Digits): Digits {
  return { whole: Math.max(a.whole, b.whole), scale: Math.max(a.scale, b.scale) };
}

/**
 * SQL aggregates `whole` and `scale` (Digits, NULL where there is no number) over numbers as text.
 * @param text SQL of a number as text, or of NULL
 */
export function digitsNeeded(text: string): { whole: string; scale: string } {
  const part = (pattern: string, group: number) => `regexp_extract(${text}, '${pattern}', ${group})`;
  const exponent = `coalesce(TRY_CAST(${part('[eE]([+-]?[0-9]+)$', 1)} AS INTEGER), 0)`;
  const whole = `length(${part('^-?0*([0-9]*)', 1)})`;
  const scale = `length(rtrim(${part(String.raw`\.([0-9]*)`, 1)}, '0'))`;
  return { whole: `max(greatest(${whole} + ${exponent}, 0))`, scale: `max(greatest(${scale} - ${exponent}, 0))` };
}

/**
 * SQL that makes `to` of a stored value of a type below it.
 * @param column quoted
 */
export function widened(column: string, from: string, to: string): string {
  if (to === 'JSON') return `to_json(${column})`;
  return to === 'VARCHAR' ? numberAsText(column, from) : `CAST(${column} AS ${to})`;
}

/** SQL of a stored number as text, one spelling for each value: as JSON writes it, without zeros behind a fraction. */
export function numberAsText(column: string, type: string): string {
  const plain = `CAST(${column} AS VARCHAR)`;
  if (type === 'DOUBLE')
    return `CASE WHEN ${column} = trunc(${column}) AND abs(${column}) < 1e37 THEN CAST(CAST(${column} AS ${wideInteger}) AS VARCHAR) ELSE ${plain} END`;
  return (digitsOf(type)?.scale ?? 0) === 0 ? plain : withoutZeros(plain);
}

/** SQL of a text that may be a number, without zeros behind its fraction. */
export function withoutZeros(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '-?[0-9]+\\.[0-9]+') THEN rtrim(rtrim(${text}, '0'), '.') ELSE ${text} END`;
}
