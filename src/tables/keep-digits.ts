// What is stored decides how far a column of numbers may be widened, so that no digit of it is lost.
import type { Session } from '../duckdb/session.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import { digitsNeeded, digitsOf, numberAsText, typeFor, wideInteger } from './decimal.ts';
import type { TableChange } from './evolve.ts';
import { largestExact } from './typed-value.ts';

const longestBigint = { whole: 19, scale: 0 };

type Step = TableChange['widen'][number];

/**
 * `change`, but for columns whose stored numbers the new type would round or not hold: these get a type that does, text at last.
 * @param stored the table as it is, as it stands behind FROM
 */
export async function keepDigits(session: Session, change: TableChange, stored: string): Promise<TableChange> {
  const types = new Map<string, string>();
  for (const step of change.widen) {
    const to = await safeType(session, step, stored);
    if (to !== step.to) types.set(step.name, to);
  }
  if (types.size === 0) return change;
  return {
    add: change.add,
    widen: change.widen.map((step) => ({ ...step, to: types.get(step.name) ?? step.to })),
    columns: change.columns.map((column) => ({ ...column, type: types.get(column.name) ?? column.type })),
  };
}

async function safeType(session: Session, { name, from, to }: Step, stored: string): Promise<string> {
  const column = quoteIdent(name);
  if (from === 'BIGINT' && to === 'DOUBLE') {
    const isBeyond = `abs(${column}::${wideInteger}) > ${largestExact}`;
    const rows = await session.rows(`SELECT 1 AS one FROM ${stored} WHERE ${isBeyond} LIMIT 1`);
    return rows.length > 0 ? wideInteger : to;
  }
  const room = digitsOf(to);
  const held = from === 'BIGINT' ? longestBigint : digitsOf(from);
  if (room === undefined) return to;
  // Nothing to look at: the new type holds whatever the old one does.
  if (held !== undefined && held.whole <= room.whole && held.scale <= room.scale) return to;
  const { whole, scale } = digitsNeeded(numberAsText(column, from));
  const [row] = await session.rows(`SELECT ${whole} AS whole, ${scale} AS scale FROM ${stored}`);
  const needed = { whole: Number(row?.['whole'] ?? 0), scale: Number(row?.['scale'] ?? 0) };
  if (needed.whole <= room.whole && needed.scale <= room.scale) return to;
  return typeFor({ whole: needed.whole, scale: Math.max(needed.scale, room.scale) });
}
