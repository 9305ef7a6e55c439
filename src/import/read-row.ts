// What was read of one record of a file.
import type { JsonObject } from '../core/json.ts';

/** A row of a table of ours, or why there is none. `line` is that of the file, from 1. */
export type ReadRow =
  | { readonly line: number; readonly row: JsonObject }
  | { readonly line: number; readonly problem: string };

/** A record that was refused; `where` is `line 17`, or a file. */
export interface Refusal {
  readonly where: string;
  readonly problem: string;
}
