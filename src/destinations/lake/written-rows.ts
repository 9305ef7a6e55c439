// SQL of what a batch writes: its new rows as they are stored, by month, and what stays of a file of which rows are replaced. Pure.
import type { StagedStream } from '../../core/destination.ts';
import { quoteIdent, quoteLiteral } from '../../duckdb/sql.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import { toStored } from './log/convert.ts';
import type { TablePlace } from './log/read-log.ts';
import { type LakeColumn, typeOf } from './log/schema.ts';
import { selectRows, storedValues } from './rows.ts';
import { chosenTable } from './stored-matches.ts';
import type { LakeTarget } from './target.ts';

/** Month of rows that do not say when they started. */
const unknownMonth = 'unknown';

/** Where the value of a column comes from, as SQL over the staged table. A column that the schema lost has none. */
export function stagedValues(
  { configured }: StagedStream,
  { columns }: LakeTarget,
  metadata: RecordMetadata | undefined,
): (column: LakeColumn) => string {
  const values = new Map(columns.map(({ name }) => [name, quoteIdent(name)]));
  const hosts = metadata?.values(configured) ?? [];
  for (const [index, { name }] of (metadata?.columns ?? []).entries()) values.set(name, hosts[index] ?? 'NULL');
  return ({ name, type }) => values.get(name) ?? `NULL::${type}`;
}

/** The chosen rows of the batch, but for those that only take another one away. */
function selectChosen(staged: string, { deletion }: LakeTarget): string {
  const lives = deletion === undefined ? '' : ` AND ${quoteIdent(deletion)} IS NULL`;
  return `FROM ${staged} WHERE ${stagedColumns.seq} IN (SELECT seq FROM ${chosenTable})${lives}`;
}

/** SQL over the staged table: the month of `started_at`, in UTC. */
function monthSql(target: LakeTarget, valueIn: (column: LakeColumn) => string): string {
  const started = target.all.find(({ property }) => property === 'started_at');
  if (target.partition === undefined || started === undefined) return quoteLiteral(unknownMonth);
  const value = `TRY_CAST(${valueIn(started)} AS TIMESTAMP WITH TIME ZONE)`;
  return `coalesce(strftime(make_timestamp(epoch_us(${value})), '%Y-%m'), ${quoteLiteral(unknownMonth)})`;
}

/** `month, rows, sum` of the chosen rows that are stored. */
export function selectMonths(staged: string, target: LakeTarget, valueIn: (column: LakeColumn) => string): string {
  return (
    `SELECT ${monthSql(target, valueIn)} AS month, count(*)::INTEGER AS rows, bit_xor(hash(${stagedColumns.seq}))::VARCHAR AS sum` +
    ` ${selectChosen(staged, target)} GROUP BY 1 ORDER BY 1`
  );
}

/** The chosen rows of a month as they are stored; the staged table is in the order of arrival already. */
export function selectNew(
  staged: string,
  target: LakeTarget,
  valueIn: (column: LakeColumn) => string,
  month: string | undefined,
): string {
  const values = target.all.map(
    (column) => `${toStored(valueIn(column), typeOf(column))} AS ${quoteIdent(column.field)}`,
  );
  const ofMonth = month === undefined ? '' : ` AND ${monthSql(target, valueIn)} = ${quoteLiteral(month)}`;
  return `SELECT ${values.join(', ')} ${selectChosen(staged, target)}${ofMonth}`;
}

/**
 * The rows of a file that no chosen row replaces, as they are stored.
 * @param winners table with the keys of the batch; undefined when nothing is ever replaced
 */
export function selectKept(
  place: TablePlace,
  path: string,
  target: LakeTarget,
  before: readonly LakeColumn[],
  winners: string | undefined,
): string {
  const { all, order } = target;
  const rows = selectRows(place, all, [path], before);
  const values = storedValues(all).join(', ');
  if (winners === undefined || order === undefined) return `SELECT ${values} FROM (${rows})`;
  // Names that no column of a stream has: a key may be called like one of ours.
  const keys = order.keys.map((key, index) => `${key} AS __gong_elt_k${index}`);
  const replacing = order.keys.map((_, index) => `k${index} AS __gong_elt_w${index}`);
  const same = order.keys.map((_, index) => `__gong_elt_k${index} = __gong_elt_w${index}`);
  return (
    `SELECT ${values} FROM (SELECT *, ${keys.join(', ')} FROM (${rows})) ANTI JOIN` +
    ` (SELECT ${replacing.join(', ')} FROM ${winners} WHERE seq IN (SELECT seq FROM ${chosenTable})) ON ${same.join(' AND ')}`
  );
}
