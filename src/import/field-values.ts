// Fields of files as values of columns. What cannot be read is told by its column, never by its content.
import type { JsonValue } from '../core/json.ts';

/** What a field holds that cannot be read; reads on after the column's name. */
export class FieldProblem extends Error {}

/** Undefined: nothing was said. */
export function toText(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = (
    typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
  ).trim();
  return text === '' ? undefined : text.toWellFormed();
}

/** @throws FieldProblem */
export function toFlag(value: JsonValue | undefined): boolean | undefined {
  const text = toText(value)?.toLowerCase();
  if (text === undefined) return undefined;
  if (['true', 't', 'yes', 'y', '1'].includes(text)) return true;
  if (['false', 'f', 'no', 'n', '0'].includes(text)) return false;
  throw new FieldProblem('is neither true nor false');
}

/** Commas may group thousands. @throws FieldProblem */
export function toNumber(value: JsonValue | undefined): number | undefined {
  const text = toText(value);
  if (text === undefined) return undefined;
  if (!/^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?(e[+-]?\d+)?$/i.test(text)) throw new FieldProblem('is no number');
  return Number(text.replaceAll(',', ''));
}

const instant = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** ISO 8601 in UTC; a day is its start in UTC, and so is a time without a zone. @throws FieldProblem */
export function toInstant(value: JsonValue | undefined): string | undefined {
  const text = toText(value);
  if (text === undefined) return undefined;
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = instant.exec(text) ?? [];
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.replace(':', '').slice(3) || '00'}` : 'Z';
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${minutes}${seconds}${offset}`);
  if (Number.isNaN(at)) throw new FieldProblem('is no date: write 2026-06-01 or 2026-06-01T10:00:00Z');
  // Date.parse takes the 31st of June.
  if (new Date(Date.parse(`${day}T00:00:00Z`)).toISOString().slice(0, 10) !== day)
    throw new FieldProblem('is no date: there is no such day');
  return new Date(at).toISOString();
}
