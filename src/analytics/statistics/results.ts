// The rows of an analysis and the tables that keep them.
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';

export type ResultRow = Readonly<Record<string, string | number | boolean | null>>;

/** The tables of tables/an.sql. */
export const resultTables = ['an_win_correlation', 'an_framework_ab', 'an_scorer_trust'] as const;
export type ResultTable = (typeof resultTables)[number];

export interface Analysis {
  /** sha256 over inputs, options and version: the same for equal numbers. */
  readonly analysisId: string;
  /** As in the view as_of; ISO 8601 in UTC. */
  readonly analyzedAsOf: string | null;
  /** Whole rows: a column that is not there is NULL. */
  readonly tables: Readonly<Record<ResultTable, readonly ResultRow[]>>;
}

/** Replaces what an earlier analysis left, in one transaction. The tables are there: `createMarts` makes them. */
export async function storeAnalysis(session: Session, { tables }: Pick<Analysis, 'tables'>): Promise<void> {
  await session.run('BEGIN');
  try {
    for (const table of resultTables) {
      await session.run(`DELETE FROM ${table}`);
      for (const row of tables[table]) {
        const columns = Object.keys(row);
        const places = columns.map((_, index) => `$${index + 1}`).join(', ');
        await session.run(
          `INSERT INTO ${table} (${columns.map(quoteIdent).join(', ')}) VALUES (${places})`,
          Object.values(row),
        );
      }
    }
    await session.run('COMMIT');
  } catch (error) {
    // The first error is the one to tell; a connection that is gone has rolled back by itself.
    await session.run('ROLLBACK').catch(() => {});
    throw error;
  }
}
