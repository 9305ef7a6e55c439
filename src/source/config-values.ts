// The kinds of values that the source's settings are made of.
import { z } from 'zod';

const datePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const notADate = 'must be a day (2026-01-31) or an instant with its zone (2026-01-31T08:00:00Z)';

/** A day (its midnight in UTC) or an instant; parsed to an ISO instant in UTC with milliseconds. */
export const instant = () =>
  z
    .string()
    .regex(datePattern, { error: notADate, abort: true })
    .refine(isOnCalendar, { error: notADate, abort: true })
    .overwrite((text) => new Date(text).toISOString());

export const secret = () =>
  z
    .string()
    .overwrite((text) => text.replace(/[\r\n]+$/, ''))
    .refine((text) => /^[\x21-\x7e]+$/.test(text), { error: 'holds white space or characters that no key has' });

/** An origin, without the trailing slash that people copy along. */
export const origin = () => z.string().overwrite((text) => (URL.canParse(text) ? new URL(text).origin : text));

function isOnCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  // Date.parse takes 30 February for 2 March.
  return !Number.isNaN(Date.parse(text)) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** @returns milliseconds since the epoch; NaN for what is no day or instant */
export function millisecondsOf(value: unknown): number {
  return typeof value === 'string' && datePattern.test(value) ? Date.parse(value) : Number.NaN;
}
