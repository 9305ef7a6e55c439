// Times as the invented company lives them and as Gong writes them.
import type { Random } from '../random.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Moves an instant into office hours of its local day (mostly Monday to Friday), before `endMs`; whole seconds. */
export function toWorkingTime(ms: number, utcOffsetMinutes: number, endMs: number, random: Random): number {
  const offset = utcOffsetMinutes * 60_000;
  let day = Math.floor((ms + offset) / dayMs);
  const weekday = (day + 4) % 7; // 1970-01-01 was a Thursday; 0 is Sunday
  if ((weekday === 0 || weekday === 6) && random.chance(0.9)) day -= 2;
  const time = random.int(8 * 3600, 18 * 3600) * 1000;
  let local = day * dayMs + time;
  while (local - offset >= endMs) local -= dayMs;
  return local - offset;
}

/** `2026-08-28T08:00:00-07:00`, with a fraction only where there is one. @param micros digits below the millisecond, or null. */
export function formatWithOffset(ms: number, utcOffsetMinutes: number, micros: number | null = null): string {
  const local = new Date(ms + utcOffsetMinutes * 60_000).toISOString();
  const millis = local.slice(20, 23);
  const fraction =
    micros !== null ? `.${millis}${String(micros).padStart(3, '0')}` : millis === '000' ? '' : `.${millis}`;
  const distance = Math.abs(utcOffsetMinutes);
  const hours = String(Math.floor(distance / 60)).padStart(2, '0');
  const minutes = String(distance % 60).padStart(2, '0');
  return `${local.slice(0, 19)}${fraction}${utcOffsetMinutes < 0 ? '-' : '+'}${hours}:${minutes}`;
}

export function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
