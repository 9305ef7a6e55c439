// The SQL files as a plan: which views can be made over the streams that are there, and with which text.
import { readdir, readFile } from 'node:fs/promises';
import { ConnectorError } from '../core/errors.ts';

export interface ViewFile {
  readonly view: string;
  /**
   * Streams (`calls`), columns of theirs that it cannot do without (`calls.gong_content`) and earlier views that it reads.
   * Settings (cfg_*), rows from outside (ext_*) and results (an_*) are always there.
   */
  readonly needs: readonly string[];
  readonly sql: string;
}

export interface SkippedView {
  readonly view: string;
  /** What it needs, itself or through other views, and that is not there: streams, columns, and views whose name is taken. */
  readonly missing: readonly string[];
}

/** Column → DuckDB type, by relation; names in lower case. */
export type ColumnTypes = ReadonlyMap<string, ReadonlyMap<string, string>>;

const folder = new URL('./marts/', import.meta.url);

/** marts/NN_name.sql in the order of their numbers: one view a file, and in the first line what it needs. */
export async function readViewFiles(): Promise<ViewFile[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      const needs = /^-- needs: (.+)\n/.exec(sql)?.[1]?.split(', ');
      if (needs === undefined) throw new ConnectorError(`${file} does not say what it needs`, { area: 'bug' });
      return { view: file.replace(/^\d+_|\.sql$/g, ''), needs, sql };
    }),
  );
}

/**
 * Splits `files` by whether their streams are among `relations`. Pure.
 * @param relations names of tables and views, and `table.column` of their columns
 * @param taken names that are somebody else's: their views cannot be made, nor those that read them
 */
export function planViews(
  files: readonly ViewFile[],
  relations: ReadonlySet<string>,
  taken: ReadonlySet<string> = new Set(),
): { wanted: ViewFile[]; skipped: SkippedView[] } {
  const missingBelow = new Map<string, readonly string[]>();
  for (const { view, needs } of files) {
    const missing = needs
      // Of a table that is not there no column is missing.
      .filter((need) => relations.has(need.split('.')[0] ?? '') || !need.includes('.'))
      .flatMap((need) => missingBelow.get(need) ?? (relations.has(need) ? [] : [need]));
    missingBelow.set(view, taken.has(view) ? [view] : [...new Set(missing)]);
  }
  const missingOf = ({ view }: ViewFile) => missingBelow.get(view) ?? [];
  return {
    wanted: files.filter((file) => missingOf(file).length === 0),
    skipped: files
      .map((file) => ({ view: file.view, missing: missingOf(file) }))
      .filter(({ missing }) => missing.length > 0),
  };
}
