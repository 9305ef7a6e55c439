// A load that replaces a table, prints `ACK` when its state is told, and may be killed at the n-th time a crash point is reached.
// Arguments: duckdb or lake, place, what is loaded (see `loads`), crash point, n.
import { writeSync } from 'node:fs';
import { systemClock } from '../../dist/core/clock.js';
import { noLog } from '../../dist/core/log.js';
import { createDuckDbDestination } from '../../dist/destinations/duckdb/destination.js';
import { createLakeDestination } from '../../dist/destinations/lake/destination.js';
import { createLoader } from '../../dist/load/loader.js';
import { openFileFolder } from '../../dist/store/file-folder.js';
import { airbyteMetadata } from '../../dist/tables/record-metadata.js';

const [kind, place, load, deadlyPoint, deadlyTime] = process.argv.slice(2);
const text = { type: ['null', 'string'] };
const base = {
  stream: {
    name: 'calls',
    jsonSchema: { type: 'object', properties: { id: text } },
    primaryKey: [],
    cursorField: [],
    syncModes: [],
  },
  syncMode: 'full_refresh',
  destinationSyncMode: 'append',
  primaryKey: [],
  cursorField: [],
};
const loads = {
  /** Rows to be replaced, of generation 1. */
  old: { configured: { ...base, generationId: 1, minimumGenerationId: 0 }, ids: ['old'] },
  overwrite: { configured: { ...base, destinationSyncMode: 'overwrite' }, ids: ['new'], isComplete: true },
  refresh: {
    configured: { ...base, generationId: 2, minimumGenerationId: 2 },
    ids: ['new'],
    isComplete: true,
  },
  /** A part of a refresh, which is not complete. */
  part: { configured: { ...base, generationId: 2, minimumGenerationId: 2 }, ids: ['part'], isComplete: false },
  /** A load that keeps all generations. */
  normal: { configured: { ...base, generationId: 2, minimumGenerationId: 0 }, ids: ['new'], isComplete: true },
};

const reached = new Map();
function crashPoint(name) {
  const times = (reached.get(name) ?? 0) + 1;
  reached.set(name, times);
  if (name === deadlyPoint && times === Number(deadlyTime)) process.kill(process.pid, 'SIGKILL');
}

const { configured, ids, isComplete } = loads[load];
const shared = { clock: systemClock, crashPoint, log: noLog };
const options = { ...shared, connection: 'test', metadata: airbyteMetadata };
const destination =
  kind === 'duckdb'
    ? createDuckDbDestination({ ...options, path: place })
    : createLakeDestination({ ...options, store: openFileFolder(place), shown: place });
const loader = createLoader({ ...shared, destination, catalog: [configured] });
for (const id of ids) {
  await loader.addLine(configured, Buffer.from(JSON.stringify({ id })), { emittedAt: 1_760_000_000_000 });
  // Each row in a commit of its own.
  await loader.flush();
}
await loader.addState('calls', { load }, () => void writeSync(1, 'ACK'));
loader.noteStatus({ name: 'calls' }, isComplete ? 'complete' : 'incomplete');
await loader.finish();
await destination.close();
