// The SQL of a question: an operand, a file, standard input, or a mart by its name.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import type { AttachedFile } from '../pipeline/attach-file.ts';
import type { CommandContext, FlagValues } from './command.ts';
import { listFlag, textFlag } from './command.ts';

/** @throws ConnectorError (config) when there is none, or more than one */
export async function readSql(flags: FlagValues, { io }: CommandContext): Promise<string> {
  // yargs makes an empty text of a lone dash.
  const isDash = io.argv.includes('-') && textFlag(flags, 'file') !== '-';
  const operand = isDash ? '-' : textFlag(flags, 'statement');
  const file = textFlag(flags, 'file');
  const mart = textFlag(flags, 'mart');
  if (operand?.trim() === '') throw emptyQuery();
  const given = [operand, file, mart].filter((text) => text !== undefined);
  if (given.length > 1)
    throw new ConnectorError('The SQL is given twice.', { area: 'config', hint: 'one of: SQL, --file, --mart' });
  if (mart !== undefined) {
    const { quoteIdent } = await import('../duckdb/sql.ts');
    return `SELECT * FROM ${mart.split('.').map(quoteIdent).join('.')}`;
  }
  if (file !== undefined && file !== '-') return await readSqlFile(resolve(io.cwd, file), file);
  if (operand !== undefined && operand !== '-') return operand;
  if (given.length === 0 && io.isTerminal.stdin)
    throw new ConnectorError('No SQL is given.', {
      area: 'config',
      hint: 'gong-elt query "from mart_call_scores", --file my.sql, or --list for what there is',
    });
  const pieces: Buffer[] = [];
  for await (const piece of io.stdin) pieces.push(Buffer.from(piece as Buffer));
  const sql = Buffer.concat(pieces).toString('utf8');
  if (sql.trim() === '') throw emptyQuery();
  return sql;
}

function emptyQuery(): ConnectorError {
  return new ConnectorError('The query is empty.', { area: 'config', hint: 'gong-elt query --help' });
}

async function readSqlFile(path: string, shown: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConnectorError(`The SQL file ${shown} cannot be read (${code}).`, {
      area: 'config',
      hint: 'check the path',
      cause,
    });
  }
}

/** `--param name=value`. @throws ConnectorError (config) */
export function parseParameters(flags: FlagValues): Readonly<Record<string, string>> {
  const pairs = (listFlag(flags, 'param') ?? []).map((text) => pairOf(text, '--param', 'since=2026-07-01'));
  return Object.fromEntries(pairs.map(([name, value]) => [name.replace(/^\$/, ''), value]));
}

/** `--attach name=file`. @throws ConnectorError (config) */
export function parseAttached(flags: FlagValues, cwd: string): AttachedFile[] {
  return (listFlag(flags, 'attach') ?? []).map((text) => {
    const [name, file] = pairOf(text, '--attach', 'deals=deals.csv');
    return { name, path: resolve(cwd, file), shown: file };
  });
}

function pairOf(text: string, flag: string, example: string): [name: string, value: string] {
  const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new ConnectorError(`${flag} takes a name and a value.`, { area: 'config', hint: `${flag} ${example}` });
  return [name, value];
}

/** Seconds as milliseconds. @throws ConnectorError (config) */
export function secondsFlag(flags: FlagValues, name: string): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value * 1000;
  throw new ConnectorError(`--${name} is no number of seconds.`, { area: 'config', hint: `--${name} 60` });
}
