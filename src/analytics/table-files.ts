// The tables of the marts, from tables/*.sql: settings, rows from outside, results.
import { readFile } from 'node:fs/promises';
import { ConnectorError } from '../core/errors.ts';

export interface TableFile {
  readonly name: string;
  /** What stands between the brackets of CREATE TABLE. */
  readonly columns: string;
  /** Makes the table and its comments. */
  readonly sql: string;
}

/** In the order in which they are made. */
export async function readTableFiles(): Promise<TableFile[]> {
  const files = ['cfg', 'ext', 'an'].map((name) => readFile(new URL(`./tables/${name}.sql`, import.meta.url), 'utf8'));
  return (await Promise.all(files)).flatMap(tablesOf);
}

/** @throws ConnectorError (bug) for a table of another name */
export async function readImportTable(name: string): Promise<TableFile> {
  const found = (await readTableFiles()).find((table) => table.name === name);
  if (found === undefined) throw new ConnectorError(`there is no table ${name} for rows from outside`, { area: 'bug' });
  return found;
}

/** Pure. */
function tablesOf(text: string): TableFile[] {
  return text
    .split(/^(?=CREATE )/m)
    .slice(1)
    .map((sql) => {
      const [, name = '', columns = ''] =
        /^CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\);/s.exec(sql) ?? [];
      return { name, columns, sql };
    });
}
