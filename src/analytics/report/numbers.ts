// How numbers are written, everywhere in the report. No locale: the same data gives the same bytes on every machine.

const thinSpace = '\u202f';
const minus = '\u2212';
/** What stands where there is no number. */
export const none = '–';

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Whole numbers with groups of three: `12 345`. */
export function formatCount(value: number): string {
  const digits = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, thinSpace);
  return Math.round(value) < 0 ? `${minus}${digits}` : digits;
}

/** At most three significant digits; at least two decimals below 1: `0.73`, `12.5`, `1 240`. */
export function formatEstimate(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return formatCount(value);
  const decimals = size >= 10 ? 1 : 2;
  const text = size.toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `${minus}${text}` : text;
}

/** A share of 0 to 1 as percent; without decimals under n = 100. Never 0 % or 100 % for what is not quite that. */
export function formatShare(value: number, n: number): string {
  const percent = 100 * value;
  const text = percent.toFixed(n < 100 ? 0 : 1).replace(/\.0$/, '');
  if (percent > 0 && Number(text) === 0) return `<${n < 100 ? 1 : 0.1}${thinSpace}%`;
  if (percent < 100 && Number(text) === 100) return `>${n < 100 ? 99 : 99.9}${thinSpace}%`;
  return `${text}${thinSpace}%`;
}

/** `[low, high]`, both written by `format`; empty when either is missing. */
export function formatInterval(low: unknown, high: unknown, format: (value: number) => string): string {
  return isNumber(low) && isNumber(high) ? `[${format(low)}, ${format(high)}]` : '';
}

/** p and q: three decimals, never 0. */
export function formatProbability(value: number): string {
  return value < 0.001 ? '<0.001' : value.toFixed(3);
}

/** Money without cents, the currency behind it where there is one. */
export function formatMoney(value: number, currency?: string): string {
  return [formatCount(value), currency].filter(Boolean).join(`${thinSpace}`);
}

/** Milliseconds as seconds. */
export function formatDuration(ms: number): string {
  return `${(ms / 1000).toFixed(1)}${thinSpace}s`;
}

/** The date of a day or of an instant in UTC: `2026-11-18`. */
export function formatDate(value: string): string {
  return value.slice(0, 10);
}

/** `1 deal`, `2 deals`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
