// BEGIN … COMMIT in the only order that DuckDB lets us trust.
import type { Session } from '../../duckdb/session.ts';

/**
 * Runs `work` in a transaction, and commits unless it answers 'roll back'. After an error DuckDB may answer COMMIT with success
 * and keep nothing or half, so from an error no way leads to COMMIT.
 * @returns whether it was committed
 */
export async function inTransaction(session: Session, work: () => Promise<'roll back' | unknown>): Promise<boolean> {
  await session.run('BEGIN');
  try {
    if ((await work()) === 'roll back') {
      await session.run('ROLLBACK');
      return false;
    }
    await session.run('COMMIT');
    return true;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => {});
    throw error;
  }
}
