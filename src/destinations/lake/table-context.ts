// What a commit to a table needs to know of its batch and of the lake, and the table as it is before it.
import { overtaken } from '../../core/fence.ts';
import type { Log } from '../../core/log.ts';
import type { FileStore } from '../../core/store.ts';
import type { Session } from '../../duckdb/session.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { type LakeTable, readTable } from './lake-table.ts';
import { checkWritable } from './log/protocol.ts';
import type { TablePlace } from './log/read-log.ts';
import type { Snapshot } from './log/snapshot.ts';
import type { FileContext } from './write-file.ts';

export interface TableContext extends FileContext {
  readonly store: FileStore;
  /** How messages name the lake. */
  readonly shown: string;
  readonly connection: string;
  /** Number of the state that the batch leads to. */
  readonly seq: number;
  readonly batchId: string;
  readonly metadata: RecordMetadata | undefined;
  /** Snapshots by folder, as they were last read or made. */
  readonly known: Map<string, Snapshot>;
  /** By stream, the key of the refresh whose rows this process keeps beside its table. */
  readonly besides: Map<string, string>;
  readonly log: Log;
}

/**
 * @returns undefined when there is no table yet
 * @throws ConnectorError: `busy` when another process of this connection went on from here, `destination` for a table that we cannot
 * write
 */
export async function openTable(
  session: Session,
  place: TablePlace,
  { known, connection, seq, shown }: TableContext,
): Promise<LakeTable | undefined> {
  const table = await readTable(session, place, known.get(place.folder));
  if (table === undefined) return undefined;
  const { snapshot } = table;
  known.set(place.folder, snapshot);
  checkWritable(snapshot.protocol, snapshot.metaData, place.folder);
  if ((snapshot.txns.get(connection)?.version ?? 0) > seq) throw overtaken(shown);
  return table;
}
