// Which files of a table hold a key of the batch, and whose version is newer. Only key, cursor and extraction time are read, and a
// file only once, however often a commit has to begin again.
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { type DedupOrder, storedVersions } from '../../tables/newest.ts';
import { bringFiles, pathOf } from './lake-table.ts';
import type { AddFile } from './log/actions.ts';
import type { TablePlace } from './log/read-log.ts';
import type { LakeColumn } from './log/schema.ts';
import { mayHold } from './log/stats.ts';
import { fileColumn, selectRows } from './rows.ts';

const matches = '__gong_elt_matches';
/** Temporary table with the `seq` of each new row that is stored. */
export const chosenTable = '__gong_elt_chosen';

export interface StoredMatches {
  /** Looks into those of `files` that it does not know yet, and forgets those that are not among them. */
  update(files: readonly AddFile[]): Promise<void>;
  /** Leaves `chosenTable`. @returns rows of the batch that lost against a stored one */
  choose(): Promise<number>;
  /** How many rows of which file are replaced by what was chosen, by path. */
  touched(): Promise<Map<string, number>>;
}

/**
 * @param winners table with the newest version of each key of the batch
 * @param columns of the table after the batch
 * @param before of the table as its files are
 */
export async function openMatches(
  session: Session,
  place: TablePlace,
  winners: string,
  order: DedupOrder,
  columns: readonly LakeColumn[],
  before: readonly LakeColumn[],
): Promise<StoredMatches> {
  await session.run(`CREATE OR REPLACE TEMP TABLE ${matches} (seq BIGINT, file VARCHAR, wins BOOLEAN)`);
  const seen = new Map<string, string>();
  const mayMatch = await pruner(session, winners, order, columns);

  async function look(files: readonly AddFile[]): Promise<void> {
    const { select, isSameKey, isNewer } = storedVersions(order);
    const paths = files.map(({ path }) => path);
    await bringFiles(place, paths);
    await session.run(
      `INSERT INTO ${matches} SELECT w.seq, t.file, NOT ${isNewer} FROM ${winners} w JOIN` +
        ` (SELECT ${select}, ${fileColumn} AS file FROM (${selectRows(place, columns, paths, before)})) t ON ${isSameKey}`,
    );
  }

  return {
    async update(files) {
      const live = new Set(files.map(({ path }) => path));
      for (const [file, path] of seen) {
        if (live.has(path)) continue;
        seen.delete(file);
        await session.run(`DELETE FROM ${matches} WHERE file = $1`, [file]);
      }
      const known = new Set(seen.values());
      const news = files.filter(({ path }) => !known.has(path));
      for (const { path } of news) seen.set(pathOf(place, path), path);
      const candidates = news.filter(mayMatch);
      if (candidates.length > 0) await look(candidates);
    },
    async choose() {
      const losers = `SELECT seq FROM ${matches} WHERE NOT wins`;
      await session.run(
        `CREATE OR REPLACE TEMP TABLE ${chosenTable} AS SELECT seq FROM ${winners} WHERE seq NOT IN (${losers})`,
      );
      return await countRows(session, `(SELECT DISTINCT seq FROM ${matches} WHERE NOT wins)`);
    },
    async touched() {
      const rows = await session.rows(
        `SELECT file, count(*)::INTEGER AS rows FROM ${matches} WHERE seq IN (SELECT seq FROM ${chosenTable}) GROUP BY file`,
      );
      return new Map(rows.map((row) => [seen.get(String(row['file'])) ?? '', Number(row['rows'])]));
    },
  };
}

/** Whether a file may hold a key of the batch, by what the log says of its first key column. */
async function pruner(
  session: Session,
  winners: string,
  order: DedupOrder,
  columns: readonly LakeColumn[],
): Promise<(file: AddFile) => boolean> {
  const key = columns.find(({ name, type }) => quoteIdent(name) === order.keys[0] && type === 'VARCHAR');
  if (key === undefined) return () => true;
  const [row] = await session.rows(`SELECT min(k0) AS least, max(k0) AS largest FROM ${winners}`);
  if (row?.['least'] === null || row === undefined) return () => true;
  const [least, largest] = [String(row['least']), String(row['largest'])];
  return ({ stats }) => mayHold(stats, key.field, least, largest);
}
