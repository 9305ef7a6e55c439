// JSON text as one line that strict readers take.
import type { JsonObject } from '../core/json.ts';

export function toJsonLine(message: JsonObject): string {
  return toWellFormedLine(JSON.stringify(message));
}

/** JSON.stringify writes half of a surrogate pair as an escape, which strict readers refuse. */
export function toWellFormedLine(json: string): string {
  if (!json.includes('\\ud')) return `${json}\n`;
  // Escapes are read from left to right, so that a backslash of the text followed by "ud800" is left alone.
  return `${json.replace(/\\(ud[89a-f][0-9a-f]{2}|.)/g, (found) => (found.length > 2 && found[2] === 'd' ? '\uFFFD' : found))}\n`;
}
