// Gong's times carry the offset of its host: they are compared and stored as UTC instants, never as text.

const zone = /(Z|[+-]\d{2}:?\d{2})$/i;

/** Milliseconds since the epoch, or undefined when the text is no time. A time without a zone is taken as UTC. */
export function parseInstant(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const trimmed = text.trim();
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return undefined;
  const ms = Date.parse(/T/i.test(trimmed) && !zone.test(trimmed) ? `${trimmed}Z` : trimmed);
  return Number.isNaN(ms) ? undefined : ms;
}

/** ISO 8601 in UTC with milliseconds, or null. */
export function toIsoInstant(text: string | null | undefined): string | null {
  const ms = parseInstant(text);
  return ms === undefined ? null : new Date(ms).toISOString();
}
