// A checkpoint: the whole snapshot in one Parquet file, so that nobody has to replay the log from its beginning.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Session } from '../../../duckdb/session.ts';
import { quoteLiteral } from '../../../duckdb/sql.ts';
import { syncPath } from '../../../store/folder.ts';
import type { Action } from './actions.ts';
import { checkpointName, lastCheckpoint } from './names.ts';
import { inTable, type TablePlace } from './read-log.ts';
import type { Snapshot } from './snapshot.ts';

/** A checkpoint with every so many commits: that many entries are read behind it at the most. */
export const checkpointEvery = 10;

/** Milliseconds that a file which is no longer live stays for those who still read it. */
export const retentionMs = 7 * 24 * 3_600_000;

const columns = {
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR)',
  remove:
    'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)',
  metaData:
    'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)',
  protocol:
    'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
};

/** The actions that make `snapshot`; tombstones only as long as their files stay. */
export function actionsOf(snapshot: Snapshot, now: number): Action[] {
  const { protocol, metaData, files, tombstones, txns } = snapshot;
  return [
    { protocol },
    { metaData },
    ...Array.from(txns.values(), (txn) => ({ txn })),
    ...Array.from(files.values(), (add) => ({ add: { ...add, dataChange: false } })),
    ...Array.from(tombstones.values())
      .filter(({ deletionTimestamp }) => now - (deletionTimestamp ?? 0) < retentionMs)
      .map((remove) => ({ remove: { ...remove, dataChange: false } })),
  ];
}

/**
 * @param temporaryFolder of this process, in the lake
 * @param now milliseconds since the epoch
 */
export async function writeCheckpoint(
  session: Session,
  table: TablePlace,
  snapshot: Snapshot,
  temporaryFolder: string,
  now: number,
): Promise<void> {
  const actions = actionsOf(snapshot, now);
  const lines = join(table.store.root, temporaryFolder, 'checkpoint.jsonl');
  const part = join(table.store.root, temporaryFolder, 'checkpoint.parquet');
  const typed = Object.entries(columns).map(([name, type]) => `${name}: ${quoteLiteral(type)}`);
  try {
    await mkdir(dirname(lines), { recursive: true, mode: 0o700 });
    await writeFile(lines, actions.map((action) => `${JSON.stringify(action)}\n`).join(''), { mode: 0o600 });
    const longest = Math.max(...actions.map((action) => Buffer.byteLength(JSON.stringify(action))));
    await session.run(
      `COPY (SELECT ${Object.keys(columns).join(', ')} FROM read_ndjson(${quoteLiteral(lines)}, columns = {${typed.join(', ')}},` +
        ` maximum_object_size = ${Math.max(1024 * 1024, longest + 1024)})) TO ${quoteLiteral(part)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await chmod(part, 0o600);
    await syncPath(part);
    await table.store.take(part, inTable(table, checkpointName(snapshot.version)));
  } finally {
    await rm(lines, { force: true });
    await rm(part, { force: true });
  }
  const hint = JSON.stringify({ version: snapshot.version, size: actions.length });
  await table.store.put(inTable(table, lastCheckpoint), hint);
}
