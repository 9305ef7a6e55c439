// What a batch makes of a stream's table: its columns following the stream's schema, its metadata, and how its rows are told apart.
// Pure but for DuckDB's spelling of types.
import { randomUUID } from 'node:crypto';
import type { ConfiguredStream } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { foldCase, freeName } from '../../tables/columns.ts';
import { planChange } from '../../tables/evolve.ts';
import { keepDigits } from '../../tables/keep-digits.ts';
import { type DedupOrder, dedupOrder } from '../../tables/newest.ts';
import { isSameOwner, ownerOf, refuseOtherOwner } from '../../tables/owner.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { BatchTarget, Needs } from '../../tables/staged-table.ts';
import { batchTarget, wantedColumns } from '../../tables/wanted-columns.ts';
import { bringFiles, configured as configuredAs, type LakeTable } from './lake-table.ts';
import type { MetaData, Protocol } from './log/actions.ts';
import { hasNtz, ntzProtocol, plainProtocol } from './log/protocol.ts';
import type { TablePlace } from './log/read-log.ts';
import { type LakeColumn, schemaString, typeOf, withFields } from './log/schema.ts';
import { holdsNtz } from './log/types.ts';
import { selectRows } from './rows.ts';

export interface LakeTarget extends BatchTarget {
  /** Of the table, after the batch: those that it had first. */
  readonly all: readonly LakeColumn[];
  /** The column with the month of `started_at`. */
  readonly partition: string | undefined;
  /** Undefined for a stream that only appends. */
  readonly order: DedupOrder | undefined;
  /** Has a column another type than the files? Then all of them are written anew. */
  readonly isWidened: boolean;
  /** What the entry has to say of the table; undefined where nothing changed. */
  readonly metaData: MetaData | undefined;
  readonly protocol: Protocol | undefined;
}

/**
 * @param table as it is; undefined when there is none yet
 * @param needs types that hold the numbers of a batch, by property, where the schema's do not
 * @param now milliseconds since the epoch
 * @throws ConnectorError: `config` for a stream without columns, with a name that SQL cannot write, or with a key that is none of
 * them; `destination` for a table in its place that is somebody else's
 */
export async function describeTarget(
  session: Session,
  configured: ConfiguredStream,
  place: TablePlace,
  table: LakeTable | undefined,
  needs: Needs,
  metadata: RecordMetadata | undefined,
  now: number,
): Promise<LakeTarget> {
  const { stream } = configured;
  refuseNames(stream);
  if (table !== undefined) checkOwner(table, configured);
  const existing = table?.columns ?? [];
  const known = new Map(existing.map(({ property, name }) => [property, name]));
  const wanted = await wantedColumns(session, configured, metadata, needs, { known });
  const plan = planChange(wanted.columns, existing);
  const paths = [...(table?.snapshot.files.keys() ?? [])];
  if (plan.widen.length > 0) await bringFiles(place, paths);
  const change =
    table === undefined ? plan : await keepDigits(session, plan, `(${selectRows(place, existing, paths)})`);
  const types = new Map(change.widen.map(({ name, to }) => [name, to]));
  const kept = existing.map((column) => ({ ...column, type: types.get(column.name) ?? column.type }));
  const typed = [...kept, ...change.add];
  const partition = table === undefined ? newPartition(typed) : table.partition;
  const partitions = partition === undefined ? [] : [partition];
  const all = withFields(typed, existing, partitions);
  const isChanged = change.add.length > 0 || change.widen.length > 0 || !isSameOwner(table?.owner, ownerOf(configured));
  const target = batchTarget(change.columns, wanted);
  return {
    ...target,
    all,
    partition,
    order:
      configured.destinationSyncMode === 'append_dedup'
        ? dedupOrder(configured, target.columns, metadata?.extractedAt)
        : undefined,
    isWidened: change.widen.length > 0,
    metaData: isChanged ? metaDataOf(configured, table, all, partition, now) : undefined,
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
    },
    partitionColumns,
    schemaString: schemaString(columns, partitionColumns),
  };
}

function protocolOf(before: Protocol | undefined, columns: readonly LakeColumn[]): Protocol | undefined {
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
