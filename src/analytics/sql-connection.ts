// How this room speaks with DuckDB.
import type { SettingValue } from './settings-rows.ts';

/** What is needed of a DuckDB connection. */
export interface SqlConnection {
  /** Runs one statement with `values` for $1, $2, …; without values any number of statements. */
  run(sql: string, values?: readonly SettingValue[]): Promise<unknown>;
  /** All rows of one SELECT. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
}
