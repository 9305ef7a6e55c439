// Formulas that an analyst can ask for beside the marts.
import { readFile } from 'node:fs/promises';

/** Statements that make the macros of macros.sql on a connection, for as long as it lasts. */
export async function readMacros(): Promise<string> {
  return await readFile(new URL('./macros.sql', import.meta.url), 'utf8');
}
