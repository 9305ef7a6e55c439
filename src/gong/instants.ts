// Gong's times carry the offset of its host: they are compared and stored as UTC instants, never as text.

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Milliseconds since the epoch, or undefined when the text is no time. A time without a zone is taken as UTC. */
export function parseInstant(text: string | null | undefined): number | undefined {
  const [, day, time = '00:00', zone = 'Z'] = form.exec(text?.trim() ?? '') ?? [];
  if (day === undefined || !isOnCalendar(day)) return undefined;
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase().replace(/^([+-]\d\d):?(\d\d)?$/, completeZone)}`);
  return isStorable(ms) ? ms : undefined;
}

/** `+0200` and `+02` as `+02:00`. */
const completeZone = (_: string, hours: string, minutes = '00') => `${hours}:${minutes}`;

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** Is it an instant that ISO 8601 and a database write with a year of four digits? NaN is not. */
export function isStorable(ms: number): boolean {
  return ms >= earliest && ms <= latest;
}

/** Date.parse takes 30 February for 2 March. */
function isOnCalendar(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return isStorable(ms) && new Date(ms).toISOString().startsWith(day);
}

/** ISO 8601 in UTC with milliseconds, or null. */
export function toIsoInstant(text: string | null | undefined): string | null {
  const ms = parseInstant(text);
  return ms === undefined ? null : new Date(ms).toISOString();
}
