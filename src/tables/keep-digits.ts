// What is stored decides how far a column may be widened: a DOUBLE holds whole numbers up to 2^53 only.
import type { Session } from '../duckdb/session.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import { type TableChange, wideInteger } from './evolve.ts';

/** The largest whole number up to which a DOUBLE holds each. */
const largestExact = 2 ** 53;

/**
 * `change`, but for columns whose stored whole numbers a DOUBLE would round: these become text.
 * @param stored the table as it is, as it stands behind FROM
 */
export async function keepDigits(session: Session, change: TableChange, stored: string): Promise<TableChange> {
  const asText = new Set<string>();
  for (const { name, from, to } of change.widen) {
    if (to !== 'DOUBLE' || (from !== 'BIGINT' && from !== wideInteger)) continue;
    const rows = await session.rows(
      `SELECT 1 AS one FROM ${stored} WHERE abs(${quoteIdent(name)}::${wideInteger}) > ${largestExact} LIMIT 1`,
    );
    if (rows.length > 0) asText.add(name);
  }
  if (asText.size === 0) return change;
  return {
    add: change.add,
    widen: change.widen.map((step) => (asText.has(step.name) ? { ...step, to: 'VARCHAR' } : step)),
    columns: change.columns.map((column) => (asText.has(column.name) ? { ...column, type: 'VARCHAR' } : column)),
  };
}
