// The SQL files as a plan: which views can be made over the streams that are there, and with which text.
import { readdir, readFile } from 'node:fs/promises';
import { ConnectorError } from '../core/errors.ts';

export interface ViewFile {
  readonly view: string;
  /** Streams and earlier views that it reads; settings (cfg_*) and results (an_*) are always there. */
  readonly needs: readonly string[];
  readonly sql: string;
}

export interface SkippedView {
  readonly view: string;
  /** What it needs, itself or through other views, and that is not there: streams, and views whose name is taken. */
  readonly missing: readonly string[];
}

/** Column → DuckDB type, by relation. */
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
 * @param taken names that are somebody else's: their views cannot be made, nor those that read them
 */
export function planViews(
  files: readonly ViewFile[],
  relations: ReadonlySet<string>,
  taken: ReadonlySet<string> = new Set(),
): { wanted: ViewFile[]; skipped: SkippedView[] } {
  const missingBelow = new Map<string, readonly string[]>();
  for (const { view, needs } of files) {
    const missing = needs.flatMap((need) => missingBelow.get(need) ?? (relations.has(need) ? [] : [need]));
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

/**
 * The text to run. `{{stream.column}}` is a nested column that goes into a TRY_CAST to its STRUCT type: as it is for a STRUCT
 * or JSON column. A VARCHAR one, as some loaders make, is parsed first, or an element with an unknown key would become NULL.
 */
export function renderView(file: ViewFile, types: ColumnTypes): string {
  return file.sql.replace(/\{\{(\w+)\.(\w+)\}\}/g, (_, stream: string, column: string) =>
    types.get(stream)?.get(column) === 'VARCHAR' ? `TRY_CAST(${column} AS JSON)` : column,
  );
}
