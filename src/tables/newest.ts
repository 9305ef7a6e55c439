// SQL that finds the newest version of each key: inside a batch, and against what is stored. Order: cursor (an unset one is
// oldest), then the time of extraction, then arrival. Pure.
import type { ConfiguredStream } from '../core/catalog.ts';
import { ConnectorError } from '../core/errors.ts';
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';
import type { Column } from './columns.ts';
import { isNested } from './evolve.ts';
import { stagedColumns } from './staged-sql.ts';

export interface DedupOrder {
  /** SQL expressions over a table's columns. */
  readonly keys: readonly string[];
  /** Undefined when the stream has no cursor among its fields. */
  readonly cursor: string | undefined;
}

/**
 * The key and cursor of a stream as SQL expressions over its columns.
 * @throws ConnectorError (config) when a part of the key is no field of the stream
 */
export function dedupOrder(configured: ConfiguredStream, columns: readonly Column[]): DedupOrder {
  const keys = configured.primaryKey.map((path) => {
    const expression = atPath(path, columns);
    if (expression === undefined)
      throw new ConnectorError(
        `stream ${configured.stream.name}: its key names a field that the schema does not have`,
        {
          area: 'config',
          hint: 'correct primary_key in the catalog, or refresh the schema of the source',
          fields: { stream: configured.stream.name, key: path.join('.') },
        },
      );
    return expression;
  });
  return { keys, cursor: atPath(configured.cursorField, columns) };
}

/** Table `seq, k0…, cursor, emitted_at`: the newest row of each key in the staged table, rows without a whole key left out. */
export function createWinners(stagedTable: string, winners: string, order: DedupOrder): string {
  const { keys, cursor } = order;
  const names = keys.map((_, index) => `k${index}`);
  return [
    `CREATE OR REPLACE TEMP TABLE ${quoteIdent(winners)} AS`,
    'SELECT * FROM (',
    `  SELECT ${stagedColumns.seq} AS seq, ${keys.map((key, index) => `${key} AS k${index}`).join(', ')},`,
    `    ${cursor ?? 'NULL'} AS cursor, ${stagedColumns.emittedAt} AS emitted_at FROM ${quoteIdent(stagedTable)}`,
    `) WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`,
    `QUALIFY row_number() OVER (PARTITION BY ${names.join(', ')} ORDER BY cursor DESC NULLS LAST, emitted_at DESC, seq DESC) = 1`,
  ].join('\n');
}

/** SQL: is the row `w` (cursor, emitted_at) newer than the stored row `t` (cursor, extracted_at) of its key? */
export function isNewer(order: DedupOrder, extractedAt: string | undefined): string {
  const isTieWon =
    extractedAt === undefined
      ? 'true'
      : `(t.extracted_at IS NULL OR epoch_ms(w.emitted_at)::TIMESTAMPTZ >= t.extracted_at)`;
  if (order.cursor === undefined) return isTieWon;
  return `(t.cursor IS NULL AND w.cursor IS NOT NULL) OR w.cursor > t.cursor OR (w.cursor IS NOT DISTINCT FROM t.cursor AND ${isTieWon})`;
}

/**
 * Table `seq, old, newer`: each winner beside the stored rows of its key (`old` = rowid), and whether it replaces them.
 * @param extractedAt column of the stored table with the time of extraction, when it has one
 */
export function createMatches(
  winners: string,
  target: string,
  matches: string,
  order: DedupOrder,
  extractedAt: string | undefined,
): string {
  const stored = order.keys.map((_, index) => `w.k${index} = t.k${index}`);
  const columns = [
    'rowid AS old',
    ...order.keys.map((key, index) => `${key} AS k${index}`),
    `${order.cursor ?? 'NULL'} AS cursor`,
    `${extractedAt === undefined ? 'NULL' : quoteIdent(extractedAt)} AS extracted_at`,
  ];
  return [
    `CREATE OR REPLACE TEMP TABLE ${quoteIdent(matches)} AS`,
    `SELECT w.seq, t.old, coalesce(${isNewer(order, extractedAt)}, false) AS newer`,
    `FROM ${quoteIdent(winners)} w JOIN (SELECT ${columns.join(', ')} FROM ${target}) t ON ${stored.join(' AND ')}`,
  ].join('\n');
}

/** A key that is missing in part is missing. */
export function isKeyMissing(order: DedupOrder): string {
  return order.keys.map((key) => `${key} IS NULL`).join(' OR ');
}

function atPath(path: readonly string[], columns: readonly Column[]): string | undefined {
  const [first, ...rest] = path;
  const column = columns.find(({ property }) => property === first);
  if (column === undefined) return undefined;
  const name = quoteIdent(column.name);
  if (rest.length === 0) return name;
  if (isNested(column.type))
    return rest.reduce((value, member) => `struct_extract(${value}, ${quoteLiteral(member)})`, name);
  const pointer = rest.map((member) => `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return `json_extract_string(${name}, ${quoteLiteral(pointer)})`;
}
