// What a batch makes of a stream's table: its columns following the stream's schema, its metadata, and how its rows are told apart.
// Pure but for DuckDB's spelling of types.
import { randomUUID } from 'node:crypto';
import type { ConfiguredStream } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { type Column, foldCase, freeName } from '../../tables/columns.ts';
import { deletionColumn } from '../../tables/deletion.ts';
import { planChange } from '../../tables/evolve.ts';
import { keepDigits } from '../../tables/keep-digits.ts';
import { type DedupOrder, dedupOrder } from '../../tables/newest.ts';
import { isSameOwner, ownerOf, refuseOtherOwner } from '../../tables/owner.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { BatchTarget, Needs } from '../../tables/staged-table.ts';
import { batchTarget, wantedColumns } from '../../tables/wanted-columns.ts';
import { bringFiles, configured as configuredAs, type LakeTable, type Marks } from './lake-table.ts';
import type { MetaData, Protocol } from './log/actions.ts';
import { hasNtz, ntzProtocol, plainProtocol } from './log/protocol.ts';
import type { TablePlace } from './log/read-log.ts';
import { isForeign, type LakeColumn, schemaString, typeOf, withFields } from './log/schema.ts';
import { holdsNtz } from './log/types.ts';
import { selectRows } from './rows.ts';

export interface LakeTarget extends BatchTarget {
  /** Of the table, after the batch: those that it had first. */
  readonly all: readonly LakeColumn[];
  /** The column with the month of `started_at`. */
  readonly partition: string | undefined;
  /** Undefined for a stream that only appends. */
  readonly order: DedupOrder | undefined;
  /** Column that is set in records which say that their row is deleted; undefined where they are rows like any other. */
  readonly deletion: string | undefined;
  /** Has a column another type than the files? Then all of them are written anew. */
  readonly isWidened: boolean;
  /** What the entry has to say of the table; undefined where nothing changed. */
  readonly metaData: MetaData | undefined;
  readonly protocol: Protocol | undefined;
}

export interface TargetOptions {
  readonly place: TablePlace;
  /** As it is; undefined when there is none yet. */
  readonly table: LakeTable | undefined;
  readonly metadata: RecordMetadata | undefined;
  readonly marks: Marks;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * @param needs types that hold the numbers of a batch, by property, where the schema's do not
 * @throws ConnectorError: `config` for a stream without columns, with a name that SQL cannot write, or with a key that is none of
 * them; `destination` for a table in its place that is somebody else's
 */
export async function describeTarget(
  session: Session,
  configured: ConfiguredStream,
  needs: Needs,
  options: TargetOptions,
): Promise<LakeTarget> {
  const { table, metadata } = options;
  refuseNames(configured.stream);
  if (table !== undefined) checkOwner(table, configured);
  const known = namesIn(table);
  const wanted = await wantedColumns(session, configured, metadata, needs, { known });
  const planned = await planTarget(session, configured, wanted.columns, options);
  const target = batchTarget(planned.columns, wanted);
  return { ...planned, ...target, ...rulesOf(configured, target.columns, metadata) };
}

/** Names of the columns of a table, by property. */
export function namesIn(table: LakeTable | undefined): Map<string, string> {
  return new Map((table?.columns ?? []).map(({ property, name }) => [property, name]));
}

/** How a row replaces another. @param columns those that the rows bring */
export function rulesOf(
  configured: ConfiguredStream,
  columns: readonly Column[],
  metadata: Pick<RecordMetadata, 'extractedAt'> | undefined,
): Pick<LakeTarget, 'order' | 'deletion'> {
  if (configured.destinationSyncMode !== 'append_dedup') return { order: undefined, deletion: undefined };
  return {
    order: dedupOrder(configured, columns, metadata?.extractedAt),
    deletion: deletionColumn(configured, columns),
  };
}

/** The table once it has `wanted`; the `columns` of the answer are these, as the table has them then. */
export async function planTarget(
  session: Session,
  configured: ConfiguredStream,
  wanted: readonly Column[],
  { place, table, marks, now }: TargetOptions,
): Promise<Omit<LakeTarget, 'order' | 'deletion' | 'mode'>> {
  const existing = table?.columns ?? [];
  const plan = planChange(wanted, existing);
  const paths = [...(table?.snapshot.files.keys() ?? [])];
  if (plan.widen.length > 0) await bringFiles(place, paths);
  const change =
    table === undefined ? plan : await keepDigits(session, plan, `(${selectRows(place, existing, paths)})`);
  const types = new Map(change.widen.map(({ name, to }) => [name, to]));
  const kept = existing.map((column) => ({ ...column, type: types.get(column.name) ?? column.type }));
  const typed = [...kept, ...change.add];
  const partition = table === undefined ? newPartition(typed) : table.partition;
  const partitions = partition === undefined ? [] : [partition];
  const written = new Set(change.columns.map(({ name }) => name));
  const all = withFields(typed, existing, partitions, written);
  const isAdopted = existing.some((column) => isForeign(column) && written.has(column.name));
  const isMarked = Object.entries(marks).every(
    ([name, value]) => table?.snapshot.metaData.configuration?.[name] === value,
  );
  const isReshaped = change.add.length > 0 || change.widen.length > 0 || isAdopted;
  const isChanged = isReshaped || !isSameOwner(table?.owner, ownerOf(configured)) || !isMarked;
  return {
    columns: change.columns,
    all,
    partition,
    isWidened: change.widen.length > 0,
    metaData: isChanged ? metaDataOf(configured, table, all, partition, marks, now) : undefined,
    protocol: protocolOf(table?.snapshot.protocol, all),
  };
}

/** Streams that say when something started are split by its month; a column of their own keeps its name. */
function newPartition(columns: readonly { property: string; name: string; type: string }[]): string | undefined {
  const isSplit = columns.some(
    ({ property, type }) => property === 'started_at' && type === 'TIMESTAMP WITH TIME ZONE',
  );
  return isSplit ? freeName('month', new Set(columns.map(({ name }) => foldCase(name)))) : undefined;
}

function metaDataOf(
  configured: ConfiguredStream,
  table: LakeTable | undefined,
  columns: readonly LakeColumn[],
  partition: string | undefined,
  marks: Marks,
  now: number,
): MetaData {
  const before = table?.snapshot.metaData;
  const { stream } = configured;
  const partitionColumns = partition === undefined ? [] : [partition];
  return {
    id: randomUUID(),
    name: stream.name,
    format: { provider: 'parquet', options: {} },
    createdTime: now,
    ...before,
    configuration: {
      ...before?.configuration,
      [configuredAs.stream]: stream.name,
      ...(stream.namespace === undefined ? {} : { [configuredAs.namespace]: stream.namespace }),
      ...(partition === undefined ? {} : { [configuredAs.partition]: partition }),
      [configuredAs.owner]: JSON.stringify(ownerOf(configured)),
      ...marks,
    },
    partitionColumns,
    schemaString: schemaString(columns, partitionColumns),
  };
}

/** What a table needs for these columns; undefined when it allows them already. */
export function protocolOf(before: Protocol | undefined, columns: readonly LakeColumn[]): Protocol | undefined {
  const needsNtz = columns.some((column) => holdsNtz(typeOf(column)));
  if (before === undefined) return needsNtz ? ntzProtocol : plainProtocol;
  return needsNtz && !hasNtz(before) ? ntzProtocol : undefined;
}

/** DuckDB has no way to write such a name, and readers need one for the view. */
function refuseNames({ name, namespace = 'main' }: ConfiguredStream['stream']): void {
  if ([name, namespace].every((part) => part !== '' && !part.includes('\0'))) return;
  throw new ConnectorError(`a stream's name or namespace is empty or holds a NUL, so it cannot have a view`, {
    area: 'config',
    hint: 'rename the stream in the source, or deselect it',
  });
}

/** @throws ConnectorError: `destination` for a table that we did not make, `config` for one that another stream owns */
export function checkOwner({ place, stream, owner }: LakeTable, configured: ConfiguredStream): void {
  if (stream === undefined)
    throw new ConnectorError(
      `stream ${configured.stream.name}: the lake has a Delta table ${place.folder} already, and it was not made by gong-elt`,
      {
        area: 'destination',
        hint: 'move that table away, or write into another folder',
        fields: { stream: configured.stream.name, table: place.folder },
      },
    );
  if (owner !== undefined) refuseOtherOwner(owner, configured, `the table ${place.folder} of the lake`);
}
