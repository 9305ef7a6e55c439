// The one order of the versions of a key, inside a batch and against what is stored, for every destination: cursor (an unset one
// is oldest), then the time of extraction where the table keeps it, then arrival. Pure.
import type { ConfiguredStream } from '../core/catalog.ts';
import { ConnectorError } from '../core/errors.ts';
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';
import { type Column, fieldAt } from './columns.ts';
import { isNested } from './evolve.ts';
import { stagedColumns } from './staged-sql.ts';
import { typedScalar } from './typed-value.ts';

export interface DedupOrder {
  /** SQL expressions over the columns of a table, and over those of staged rows. */
  readonly keys: readonly string[];
  /** Undefined when the stream has no cursor among its fields, or one that has no order. */
  readonly cursor: string | undefined;
  /** When a stored row was extracted, as SQL over the columns of a table; undefined when it does not keep that. */
  readonly extractedAt: string | undefined;
}

/**
 * The order of a stream's rows as SQL expressions over its columns.
 * @param extractedAt of the metadata columns, when there are any
 * @throws ConnectorError (config) when a part of the key is no field of the stream
 */
export function dedupOrder(
  configured: ConfiguredStream,
  columns: readonly Column[],
  extractedAt: string | undefined,
): DedupOrder {
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
  return { keys, cursor: cursorOf(configured, columns), extractedAt };
}

/** Table `seq, k0…, cursor, emitted_at`: the newest row of each key in the staged table, rows without a whole key left out. */
export function createWinners(stagedTable: string, winners: string, order: DedupOrder): string {
  const { keys, cursor, extractedAt } = order;
  const names = keys.map((_, index) => `k${index}`);
  const newestFirst = [
    ...(cursor === undefined ? [] : ['cursor DESC NULLS LAST']),
    ...(extractedAt === undefined ? [] : ['emitted_at DESC']),
    'seq DESC',
  ];
  return [
    `CREATE OR REPLACE TEMP TABLE ${quoteIdent(winners)} AS`,
    'SELECT * FROM (',
    `  SELECT ${stagedColumns.seq} AS seq, ${keys.map((key, index) => `${key} AS k${index}`).join(', ')},`,
    `    ${cursor ?? 'NULL'} AS cursor, ${stagedColumns.emittedAt} AS emitted_at FROM ${quoteIdent(stagedTable)}`,
    `) WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`,
    `QUALIFY row_number() OVER (PARTITION BY ${names.join(', ')} ORDER BY ${newestFirst.join(', ')}) = 1`,
  ].join('\n');
}

/**
 * SELECT of `seq`: the winners that are older than a stored row of their key.
 * @param stored the table as it stands behind FROM
 * @returns undefined when a stored row is never newer than one that arrives
 */
export function selectOutdated(winners: string, stored: string, order: DedupOrder): string | undefined {
  if (order.cursor === undefined && order.extractedAt === undefined) return undefined;
  const { select, isSameKey, isNewer } = storedVersions(order);
  return [
    `SELECT DISTINCT w.seq FROM ${quoteIdent(winners)} w`,
    `JOIN (SELECT ${select} FROM ${stored}) t ON ${isSameKey} WHERE ${isNewer}`,
  ].join('\n');
}

/** SQL that lays stored rows `t` beside the winners `w`: what of a row is looked at, is it the same key, is `t` the newer one? */
export function storedVersions({ keys, cursor, extractedAt }: DedupOrder) {
  const isEarlier = extractedAt === undefined ? 'false' : 'epoch_ms(w.emitted_at)::TIMESTAMPTZ < t.extracted_at';
  const isOlder =
    cursor === undefined
      ? isEarlier
      : `(w.cursor IS NULL AND t.cursor IS NOT NULL) OR w.cursor < t.cursor OR (w.cursor IS NOT DISTINCT FROM t.cursor AND ${isEarlier})`;
  const select = [
    ...keys.map((key, index) => `${key} AS k${index}`),
    `${cursor ?? 'NULL'} AS cursor`,
    `${extractedAt ?? 'NULL'} AS extracted_at`,
  ].join(', ');
  const isSameKey = keys.map((_, index) => `w.k${index} = t.k${index}`).join(' AND ');
  return { select, isSameKey, isNewer: `coalesce(${isOlder}, false)` };
}

/** Does a row of a table have one of the keys in `rows`? SQL over the table's columns. @param rows SELECT of `k0, k1, …` */
export function hasKeyIn(order: DedupOrder, rows: string): string {
  return order.keys.length === 1 ? `${order.keys[0]} IN (${rows})` : `(${order.keys.join(', ')}) IN (${rows})`;
}

/** A key that is missing in part is missing. */
export function isKeyMissing(order: Pick<DedupOrder, 'keys'>): string {
  return order.keys.map((key) => `${key} IS NULL`).join(' OR ');
}

/** Values without an order (objects, lists, several types at once) decide nothing. */
function cursorOf({ stream, cursorField }: ConfiguredStream, columns: readonly Column[]): string | undefined {
  const value = atPath(cursorField, columns);
  const column = columns.find(({ property }) => property === cursorField[0]);
  const declared = fieldAt(stream.jsonSchema, cursorField);
  if (value === undefined || column === undefined || declared === undefined) return undefined;
  if (declared.type === 'JSON' || isNested(declared.type)) return undefined;
  if (cursorField.length > 1)
    return isNested(column.type) || declared.type === 'VARCHAR' ? value : typedScalar(value, declared.type).sql;
  // Numbers with more digits than any type holds are kept as text.
  if (column.type === 'VARCHAR' && declared.grows !== undefined) return `TRY_CAST(${value} AS DOUBLE)`;
  return column.type === 'JSON' ? undefined : value;
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
