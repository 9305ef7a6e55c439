// The rows of one stream of a batch: typed, the newest of each key chosen, and put into one file per month.
import type { CrashPoint } from '../../core/crash-point.ts';
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import type { Log } from '../../core/log.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteLiteral } from '../../duckdb/sql.ts';
import type { MakeFolder } from '../../store/folder.ts';
import { countsOf, emptyCounts } from '../../tables/counts.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import type { Needs } from '../../tables/staged-table.ts';
import { typeBatch } from '../../tables/type-batch.ts';
import { chooseWinners } from '../../tables/winners.ts';
import { dataFileName } from './clean-up.ts';
import type { Head, LakeFile, LakeTable } from './manifest.ts';
import { streamFolder } from './segments.ts';
import { describeTable, type Ground, type LakeTarget, shapeOf } from './table.ts';
import { selectVersions, versionColumns } from './views.ts';
import { contentOf, writeFile } from './write-file.ts';

export interface WrittenStream {
  readonly table: LakeTable;
  readonly files: readonly LakeFile[];
  readonly counts: CommittedStream;
}

export interface WriteContext extends Ground {
  /** Relative to the root; of this attempt alone. */
  readonly temporaryFolder: string;
  /** Of the lake: made of the connection and the loader's id. Hex. */
  readonly batchId: string;
  /** Number of the manifest to be made: orders versions of a key between batches. */
  readonly seq: number;
  readonly makeFolder: MakeFolder;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

const staged = '__gong_elt_staged';
const winners = '__gong_elt_winners';
const chosen = '__gong_elt_chosen';
const monthName = '__gong_elt_month';

/** @param tables of the lake, and of this batch so far */
export async function writeStream(
  session: Session,
  stream: StagedStream,
  tables: Head['tables'],
  context: WriteContext,
): Promise<WrittenStream> {
  const targetFor = (needs: Needs) => describeTable(session, stream.configured, tables, needs, context);
  const { target, ...changed } = await typeBatch(session, staged, stream, targetFor, context.log);
  const { table } = target;
  if (stream.rows === 0) return { table, files: [], counts: emptyCounts(stream) };
  const became = await choose(session, stream, table, context);
  const files = await writeMonths(session, stream, target, context);
  return { table, files, counts: countsOf(stream, became, changed) };
}

/** Table `chosen`: what is written. Rows that lose inside the batch or against the lake are left out. */
async function choose(session: Session, stream: StagedStream, table: LakeTable, context: WriteContext) {
  if (table.keys.length === 0) {
    await session.run(`CREATE OR REPLACE TEMP TABLE ${chosen} AS SELECT ${stagedColumns.seq} AS seq FROM ${staged}`);
    return { written: stream.rows, superseded: 0, rejected: 0 };
  }
  const order = { keys: table.keys, cursor: table.cursor ?? undefined, extractedAt: context.metadata?.extractedAt };
  const { rejected } = await chooseWinners(session, staged, winners, order);
  const { head, root } = context;
  const isStored = head?.live.some((file) => file.stream === table.stream) ?? false;
  const isOutdated = head !== undefined && isStored ? existsNewer(head, table, root) : 'false';
  await session.run(`CREATE OR REPLACE TEMP TABLE ${chosen} AS SELECT seq FROM ${winners} w WHERE NOT (${isOutdated})`);
  const written = await countRows(session, chosen);
  return { written, superseded: stream.rows - rejected - written, rejected };
}

/** Does the lake hold a newer version of the key of `w`, itself outdated or not? */
function existsNewer(head: Head, table: LakeTable, root: string): string {
  const keys = table.keys.map((key, index) => `${key} AS k${index}`);
  const stored =
    `SELECT ${keys.join(', ')}, ${table.cursor ?? 'NULL'} AS cursor, ${versionColumns.emittedAt} AS emitted_at` +
    ` FROM (${selectVersions(head, table, root)})`;
  const isTieLost = 't.emitted_at > w.emitted_at';
  const isNewer =
    table.cursor === null
      ? isTieLost
      : `(w.cursor IS NULL AND t.cursor IS NOT NULL) OR t.cursor > w.cursor OR (t.cursor IS NOT DISTINCT FROM w.cursor AND ${isTieLost})`;
  const same = table.keys.map((_, index) => `t.k${index} = w.k${index}`);
  return `EXISTS (SELECT 1 FROM (${stored}) t WHERE ${same.join(' AND ')} AND (${isNewer}))`;
}

/** One file per month of `started_at` (UTC), or one in all. */
async function writeMonths(
  session: Session,
  { configured }: StagedStream,
  { table, columns: typed }: LakeTarget,
  context: WriteContext,
): Promise<LakeFile[]> {
  const { root, temporaryFolder, batchId, seq, makeFolder, crashPoint } = context;
  const started = table.columns.find(
    ({ property, type }) => property === 'started_at' && type === 'TIMESTAMP WITH TIME ZONE',
  );
  const sources = valuesOf(configured, typed, context.metadata);
  const valueIn = ({ name, type }: LakeTable['columns'][number]) => sources.get(name) ?? `NULL::${type}`;
  const month =
    started === undefined
      ? `''`
      : `coalesce(strftime(make_timestamp(epoch_us(${valueIn(started)})), '%Y-%m'), 'unknown')`;
  const from = `FROM ${staged} WHERE ${stagedColumns.seq} IN (SELECT seq FROM ${chosen})`;
  const own = table.columns.map(({ name }) => quoteIdent(name));
  const values = [
    ...table.columns.map((column) => `${valueIn(column)} AS ${quoteIdent(column.name)}`),
    `${stagedColumns.emittedAt} AS ${versionColumns.emittedAt}`,
    `${seq}::BIGINT AS ${versionColumns.batch}`,
    `${stagedColumns.seq} AS ${versionColumns.seq}`,
  ];
  const columns = [...own, ...Object.values(versionColumns)];
  const months = await session.rows(
    `SELECT ${monthName}, ${contentOf(columns)}` +
      ` FROM (SELECT ${month} AS ${monthName}, ${values.join(', ')} ${from}) GROUP BY 1 ORDER BY 1`,
  );
  const files: LakeFile[] = [];
  for (const [index, row] of months.entries()) {
    const name = String(row[monthName]);
    const meant = { rows: Number(row['rows']), sum: String(row['sum']) };
    const folder = started === undefined ? streamFolder(table) : `${streamFolder(table)}/month=${name}`;
    const path = `${folder}/${dataFileName(batchId, seq, index)}`;
    // The staged table is in the order of arrival already.
    const select = `SELECT ${values.join(', ')} ${from} AND ${month} = ${quoteLiteral(name)}`;
    const temporary = `${temporaryFolder}/${streamFolder(table)}-${index}.parquet.part`;
    const task = { root, path, temporary, select, columns, meant, stream: table.name, makeFolder, crashPoint };
    const written = await writeFile(session, task);
    files.push({ path, stream: table.stream, batchId, shape: shapeOf(table).name, ...written });
  }
  return files;
}

/** Where the value of a column comes from, as SQL over the staged table. A column that the schema lost has none. */
function valuesOf(
  configured: StagedStream['configured'],
  typed: LakeTarget['columns'],
  metadata: RecordMetadata | undefined,
): Map<string, string> {
  const values = new Map(typed.map(({ name }) => [name, quoteIdent(name)]));
  const hosts = metadata?.values(configured) ?? [];
  for (const [index, { name }] of (metadata?.columns ?? []).entries()) values.set(name, hosts[index] ?? 'NULL');
  return values;
}
