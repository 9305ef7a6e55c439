// The rows of one stream of a batch → Parquet files under temporary names, read back, made durable and renamed. Until a manifest
// names them they are orphans that nobody reads.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { streamKey } from '../../core/catalog.ts';
import type { CommittedStream, StagedStream } from '../../core/connector.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import { canonicalJson, sha256 } from '../../core/hash.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteLiteral } from '../../duckdb/sql.ts';
import { fieldsOf, hasCaseTwins, nameColumns } from '../../load/columns.ts';
import { createWinners, dedupOrder, isKeyMissing } from '../../load/dedup-sql.ts';
import { planChange, wideInteger } from '../../load/evolve.ts';
import { stagedColumns } from '../../load/staged-sql.ts';
import { createStagedTable } from '../../load/staged-table.ts';
import { emptyCounts } from '../../load/summary.ts';
import { makeFolder, syncPath } from './durable.ts';
import { selectVersions, versionColumns } from './lake-views.ts';
import type { Head, LakeFile, LakeTable } from './manifest.ts';
import { toSegment } from './segments.ts';

export interface WrittenStream {
  readonly table: LakeTable;
  readonly files: readonly LakeFile[];
  readonly counts: CommittedStream;
  /** Columns of the files, by shape. */
  readonly shapes: Head['shapes'];
}

export interface WriteContext {
  readonly root: string;
  readonly head: Head | undefined;
  readonly batchId: string;
  /** The connection's number of this commit: orders versions of a key between batches. */
  readonly batchSeq: number;
  readonly crashPoint: CrashPoint;
}

const staged = '__gong_elt_staged';
const winners = '__gong_elt_winners';
const chosen = '__gong_elt_chosen';

export async function writeStream(
  session: Session,
  stream: StagedStream,
  context: WriteContext,
): Promise<WrittenStream> {
  const { configured } = stream;
  let table = await describeTable(session, stream, context.head, new Set());
  if (stream.rows === 0) return { table, files: [], counts: emptyCounts(stream), shapes: {} };
  const fill = () =>
    createStagedTable(
      session,
      staged,
      stream,
      table.columns,
      hasCaseTwins(table.columns, Object.values(stagedColumns)) ? 'objects' : 'columns',
    );
  let content = await fill();
  if (content.wide.length > 0) {
    table = await describeTable(session, stream, context.head, new Set(content.wide));
    content = await fill();
  }
  const { rejected, written } = await choose(session, stream, table, context);
  const files = await writeMonths(session, table, context);
  const { name, namespace } = configured.stream;
  const nulled = [...content.nulled.values()].reduce((sum, count) => sum + count, 0);
  const shape = shapeOf(table);
  return {
    table,
    files,
    shapes: { [shape.name]: shape.columns },
    counts: {
      stream: name,
      namespace,
      staged: stream.rows,
      written,
      superseded: stream.rows - rejected - written,
      rejected,
      nulled,
    },
  };
}

/** The stream's columns: those of its schema, widened where the lake's or the batch's values need it; older ones stay. */
async function describeTable(
  session: Session,
  { configured }: StagedStream,
  head: Head | undefined,
  wide: ReadonlySet<string>,
): Promise<LakeTable> {
  const { stream } = configured;
  const known = head?.tables.find((table) => table.stream === streamKey(stream));
  const fields = fieldsOf(stream.jsonSchema).filter(({ property }) => !property.startsWith('__gong_elt_'));
  if (fields.length === 0)
    throw new ConnectorError(`stream ${stream.name} declares no fields, so it cannot have files`, {
      area: 'config',
      hint: 'give its schema properties, or deselect it',
      fields: { stream: stream.name },
    });
  const names = new Map(known?.columns.map(({ property, name }) => [property, name]));
  const reserved = [...Object.values(stagedColumns), ...Object.values(versionColumns)];
  const named = nameColumns(fields, names, reserved).map((column) =>
    wide.has(column.name) && column.type === 'BIGINT' ? { ...column, type: wideInteger } : column,
  );
  const printed = await session.rows(
    `DESCRIBE SELECT ${named.map(({ type }, index) => `NULL::${type} AS c${index}`).join(', ')}`,
  );
  const wanted = named.map((column, index) => ({ ...column, type: String(printed[index]?.['column_type']) }));
  const change = planChange(wanted, known?.columns ?? []);
  const own = new Set(change.columns.map(({ name }) => name));
  const gone = (known?.columns ?? []).filter(({ name }) => !own.has(name));
  const isDedup = configured.destinationSyncMode === 'append_dedup';
  const order = isDedup ? dedupOrder(configured, change.columns) : undefined;
  return {
    stream: streamKey(stream),
    name: stream.name,
    namespace: stream.namespace ?? null,
    columns: [...change.columns, ...gone].map(({ property, name, type }) => ({ property, name, type })),
    keys: [...(order?.keys ?? [])],
    cursor: order?.cursor ?? null,
  };
}

/** Table `chosen`: what is written. Rows that lose inside the batch or against the lake are left out. */
async function choose(session: Session, stream: StagedStream, table: LakeTable, context: WriteContext) {
  if (table.keys.length === 0) {
    await session.run(`CREATE OR REPLACE TEMP TABLE ${chosen} AS SELECT ${stagedColumns.seq} AS seq FROM ${staged}`);
    return { rejected: 0, written: stream.rows };
  }
  const order = { keys: table.keys, cursor: table.cursor ?? undefined };
  const rejected = await count(session, `FROM ${staged} WHERE ${isKeyMissing(order)}`);
  await session.run(createWinners(staged, winners, order));
  const known = context.head?.tables.find((other) => other.stream === table.stream);
  const isOlder =
    context.head === undefined || known === undefined ? 'false' : existsNewer(context.head, table, context.root);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${chosen} AS SELECT seq FROM ${winners} w WHERE NOT (${isOlder})`);
  return { rejected, written: await count(session, `FROM ${chosen}`) };
}

/** Does the lake hold a newer version of the key of `w`? */
function existsNewer(head: Head, table: LakeTable, root: string): string {
  const keys = table.keys.map((key, index) => `${key} AS k${index}`);
  const stored = `SELECT ${keys.join(', ')}, ${table.cursor ?? 'NULL'} AS cursor, ${versionColumns.emittedAt} AS emitted_at FROM (${selectVersions(head, table, root)})`;
  const isTieLost = 't.emitted_at > w.emitted_at';
  const isNewer =
    table.cursor === null
      ? isTieLost
      : `(w.cursor IS NULL AND t.cursor IS NOT NULL) OR t.cursor > w.cursor OR (t.cursor IS NOT DISTINCT FROM w.cursor AND ${isTieLost})`;
  const same = table.keys.map((_, index) => `t.k${index} = w.k${index}`);
  return `EXISTS (SELECT 1 FROM (${stored}) t WHERE ${same.join(' AND ')} AND (${isNewer}))`;
}

/** One file per month of `started_at` (UTC), or one in all. */
async function writeMonths(session: Session, table: LakeTable, context: WriteContext): Promise<LakeFile[]> {
  const hasMonth = table.columns.some(({ name, type }) => name === 'started_at' && type === 'TIMESTAMP WITH TIME ZONE');
  const month = hasMonth ? `coalesce(strftime(make_timestamp(epoch_us(started_at)), '%Y-%m'), 'unknown')` : `''`;
  const from = `FROM ${staged} WHERE ${stagedColumns.seq} IN (SELECT seq FROM ${chosen})`;
  const months = await session.rows(`SELECT DISTINCT ${month} AS month ${from} ORDER BY 1`);
  const files: LakeFile[] = [];
  for (const [index, row] of months.entries()) {
    const of = `${from} AND ${month} = ${quoteLiteral(String(row['month']))}`;
    const folder = join(
      toSegment(table.namespace === null ? table.name : `${table.namespace}.${table.name}`),
      hasMonth ? `month=${String(row['month'])}` : '',
    );
    files.push(await writeFile(session, table, of, join(folder, `${context.batchId}-${index}.parquet`), context));
  }
  return files;
}

async function writeFile(
  session: Session,
  table: LakeTable,
  from: string,
  path: string,
  context: WriteContext,
): Promise<LakeFile> {
  const { root, crashPoint } = context;
  const part = join(root, '_tmp', context.batchId, `${path.replaceAll('/', '~')}.part`);
  const target = join(root, path);
  await makeFolder(dirname(part));
  const columns = table.columns.map(({ name }) => quoteIdent(name));
  const isStaged = new Set((await session.rows(`DESCRIBE ${staged}`)).map((row) => String(row['column_name'])));
  const values = table.columns.map(({ name, type }) =>
    isStaged.has(name) ? quoteIdent(name) : `NULL::${type} AS ${quoteIdent(name)}`,
  );
  const select = `SELECT ${values.join(', ')}, ${stagedColumns.emittedAt} AS ${versionColumns.emittedAt}, ${context.batchSeq}::BIGINT AS ${versionColumns.batch}, ${stagedColumns.seq} AS ${versionColumns.seq} ${from} ORDER BY ${stagedColumns.seq}`;
  await session.run(`COPY (${select}) TO ${quoteLiteral(part)} (FORMAT parquet, COMPRESSION zstd)`);
  crashPoint('parquet:after-write');
  await chmod(part, 0o600);
  const rows = await readBack(session, columns, select, part, table);
  await syncPath(part);
  crashPoint('parquet:after-fsync');
  await makeFolder(dirname(target));
  await rename(part, target);
  await syncPath(dirname(target));
  crashPoint('parquet:after-rename');
  return {
    path,
    stream: table.stream,
    rows,
    bytes: (await stat(target)).size,
    sha256: await digest(target),
    shape: shapeOf(table).name,
  };
}

/** The file says what was meant: as many rows, and the same keys (all columns where there is no key). */
async function readBack(
  session: Session,
  columns: readonly string[],
  select: string,
  part: string,
  table: LakeTable,
): Promise<number> {
  const what = table.keys.length === 0 ? columns : table.keys;
  const sum = `count(*) AS rows, coalesce(bit_xor(hash(${what.map((name) => `(${name})::VARCHAR`).join(', ')})), 0)::VARCHAR AS sum`;
  const [meant] = await session.rows(`SELECT ${sum} FROM (${select})`);
  const [found] = await session.rows(
    `SELECT ${sum} FROM read_parquet(${quoteLiteral(part)}, hive_partitioning = false)`,
  );
  if (meant?.['rows'] !== found?.['rows'] || meant?.['sum'] !== found?.['sum'])
    throw new ConnectorError(
      `A Parquet file of stream ${table.name} does not hold what was written; nothing was committed.`,
      {
        area: 'destination',
        hint: 'look at the disk, then run the same command again',
        fields: { stream: table.name },
      },
    );
  return Number(found?.['rows']);
}

function shapeOf(table: LakeTable): { name: string; columns: Record<string, string> } {
  const columns = Object.fromEntries(table.columns.map(({ name, type }) => [name, type]));
  return { name: sha256(canonicalJson(columns)).slice(0, 16), columns };
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function count(session: Session, from: string): Promise<number> {
  const [row] = await session.rows(`SELECT count(*) AS number ${from}`);
  return Number(row?.['number']);
}
