// SQL that turns the text of a JSON scalar into a typed value: the whole text has to match, for DuckDB's own casts are kinder
// than the types (`2026-01-01abc` is a date to them, `10:00:00 PM` a time, 1.005 a DECIMAL(38,2)). What does not fit is NULL,
// and whoever reads it counts it.
import { digitsOf } from './decimal.ts';
import { matches, plainNumber } from './number-text.ts';

/** Up to here a double holds each whole number. */
export const largestExact = 2 ** 53;

export interface TypedValue {
  /** The value, or NULL where it does not fit. */
  readonly sql: string;
  /** Was it stored, though not with every digit? Undefined where that cannot be. */
  readonly isRounded?: string;
}

const dateText = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const timeText = String.raw`[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?`;
const offsetText = '[zZ]| ?UTC|[+-][0-9]{2}(:?[0-9]{2})?';
const zeroOffset = '[zZ]|[+-]00(:?00)?';

/** @param text SQL of the scalar as text @param type of a column that holds scalars, as DuckDB prints it */
export function typedScalar(text: string, type: string): TypedValue {
  const cast = `TRY_CAST(${text} AS ${type})`;
  switch (type) {
    case 'BOOLEAN':
      return { sql: `CASE ${text} WHEN 'true' THEN true WHEN 'false' THEN false END` };
    case 'BIGINT':
      return { sql: `CASE WHEN ${matches(text, plainNumber(0))} THEN ${cast} END` };
    case 'DOUBLE':
      return doubleOf(text);
    case 'DATE':
      // A moment at midnight says no more than its date.
      return { sql: dated(text, type, `${dateText}([tT ]00:00(:00(\\.0+)?)?(${zeroOffset})?)?`, text) };
    case 'TIMESTAMP':
      return momentOf(text, type, zeroOffset);
    case 'TIMESTAMP WITH TIME ZONE':
      return momentOf(text, type, offsetText);
    case 'TIME':
      return timeOf(text, type, zeroOffset, `regexp_replace(${text}, '(${zeroOffset})$', '')`);
    case 'TIME WITH TIME ZONE':
      return timeOf(text, type, offsetText, `regexp_replace(${text}, '[zZ]$', '+00')`);
    default:
      return digitsOf(type) === undefined ? { sql: cast } : { sql: decimalOf(text, type) };
  }
}

/** A whole number that a double would change does not fit; a fraction that it would change is rounded. */
function doubleOf(text: string): TypedValue {
  const cast = `TRY_CAST(${text} AS DOUBLE)`;
  const isWhole = matches(text, plainNumber(0));
  const keepsDigits = `TRY_CAST(${cast} AS DECIMAL(38,0)) = TRY_CAST(${text} AS DECIMAL(38,0))`;
  const isExact = `abs(${cast}) < ${largestExact} OR NOT ${isWhole} OR coalesce(${keepsDigits}, false)`;
  return {
    sql: `CASE WHEN isfinite(${cast}) AND (${isExact}) THEN ${cast} END`,
    // A fraction of more digits comes as a text (jsonl/scan.ts), unless a double holds it: then both are spelled alike.
    isRounded: `(strlen(${text}) > 16 AND NOT ${isWhole} AND rtrim(${text}, '0') <> CAST(${cast} AS VARCHAR))`,
  };
}

/** All digits, or it does not fit. Texts with an exponent come from doubles, so comparing these loses nothing. */
function decimalOf(text: string, type: string): string {
  const cast = `TRY_CAST(${text} AS ${type})`;
  const plain = matches(text, plainNumber(digitsOf(type)?.scale ?? 0));
  const isSame = `${matches(text, String.raw`-?[0-9](\.[0-9]+)?[eE][+-]?[0-9]+`)} AND CAST(${cast} AS DOUBLE) = TRY_CAST(${text} AS DOUBLE)`;
  return `CASE WHEN ${plain} OR (${isSame}) THEN ${cast} END`;
}

/** RFC 3339, whose letters may be small; a date alone is its midnight, and what has no zone is in UTC. */
function momentOf(text: string, type: string, offset: string): TypedValue {
  return {
    sql: dated(text, type, `${dateText}([tT ]${timeText}(${offset})?)?`, withFullTime(text)),
    isRounded: hasNanoseconds(text, 26),
  };
}

/** DuckDB wants seconds and capitals. */
function withFullTime(text: string): string {
  return `regexp_replace(upper(${text}), '([T ][0-9]{2}:[0-9]{2})($|[^:0-9])', '\\1:00\\2')`;
}

function timeOf(text: string, type: string, offset: string, plain: string): TypedValue {
  return {
    sql: `CASE WHEN ${matches(text, `${timeText}(${offset})?`)} THEN TRY_CAST(${plain} AS ${type}) END`,
    isRounded: hasNanoseconds(text, 15),
  };
}

/** @param shortest characters of a text with so many digits */
function hasNanoseconds(text: string, shortest: number): string {
  return `(strlen(${text}) > ${shortest} AND regexp_matches(${text}, '\\.[0-9]{6}[0-9]*[1-9]'))`;
}

/** Years outside four digits have no ISO form that other readers of the file understand. */
function dated(text: string, type: string, pattern: string, plain: string): string {
  const cast = `TRY_CAST(${plain} AS ${type})`;
  return `CASE WHEN ${matches(text, pattern)} AND ${cast} >= '0001-01-01'::${type} AND ${cast} < '10000-01-01'::${type} THEN ${cast} END`;
}
