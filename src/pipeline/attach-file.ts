// A file of the asker's as a table of one query.
import { access } from 'node:fs/promises';
import { ConnectorError } from '../core/errors.ts';
import { relationNames } from '../duckdb/relations.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';

export interface AttachedFile {
  /** The table's name in the SQL. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** How messages name it. */
  readonly shown: string;
}

const readers = [
  { pattern: /\.(csv|tsv)(\.gz)?$/i, reader: 'read_csv' },
  { pattern: /\.parquet$/i, reader: 'read_parquet' },
  { pattern: /\.(json|jsonl|ndjson)(\.gz)?$/i, reader: 'read_json' },
] as const;

/**
 * Ids of a CSV stay text: a reader that guesses makes numbers of them, which lose leading zeros and digits beyond the 15th.
 * @throws ConnectorError (config) for a file of another kind, one that cannot be read, and a name that is taken
 */
export async function attachFile(session: Session, { name, path, shown }: AttachedFile): Promise<void> {
  const reader = readers.find(({ pattern }) => pattern.test(path))?.reader;
  if (reader === undefined)
    throw new ConnectorError(`${shown} is no file that can be attached.`, {
      area: 'config',
      hint: 'its name ends in .csv, .tsv, .parquet, .json, .jsonl or .ndjson; a CSV and a JSON may be gzipped (.gz)',
    });
  const taken = [...(await relationNames(session))].find((other) => other.toLowerCase() === name.toLowerCase());
  if (taken !== undefined)
    throw new ConnectorError(`There is a table or view ${taken} already.`, {
      area: 'config',
      hint: `give the file another name: --attach my_${name}=${shown}`,
    });
  await access(path).catch(() => {
    throw new ConnectorError(`There is no file ${shown}.`, { area: 'config', hint: 'check the path' });
  });
  const source = quoteLiteral(path);
  try {
    const types = reader === 'read_csv' ? await idTypes(session, source) : '';
    await session.run(`CREATE TEMP VIEW ${quoteIdent(name)} AS SELECT * FROM ${reader}(${source}${types})`);
  } catch (cause) {
    throw new ConnectorError(`${shown} could not be read by ${reader}.`, {
      area: 'config',
      hint: 'check that its content is what its name says',
      cause,
    });
  }
}

async function idTypes(session: Session, source: string): Promise<string> {
  const columns = await session.rows(`DESCRIBE SELECT * FROM read_csv(${source})`);
  const ids = columns.map((column) => String(column['column_name'])).filter((column) => /(^|[_ ])id$/i.test(column));
  if (ids.length === 0) return '';
  return `, types = {${ids.map((id) => `${quoteLiteral(id)}: 'VARCHAR'`).join(', ')}}`;
}
