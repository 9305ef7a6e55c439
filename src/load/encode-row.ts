// A row of this process as the line that it would have come in.
import type { JsonObject } from '../core/json.ts';
import { toWellFormedJson } from '../core/well-formed.ts';

/** JSON.stringify writes half a surrogate pair as an escape that DuckDB's reader refuses. */
export function encodeRow(row: JsonObject): Buffer {
  const text = JSON.stringify(row);
  return Buffer.from(text.includes('\\ud') ? JSON.stringify(toWellFormedJson(row)) : text);
}
