// A load in rounds that goes on where the saved state says, prints `ACK n` for each acknowledged round, and may be killed at the
// n-th time a crash point is reached. Arguments: duckdb or lake, place, crash point, n, and whose state it is.
import { writeSync } from 'node:fs';
import { systemClock } from '../../dist/core/clock.js';
import { noLog } from '../../dist/core/log.js';
import { createDuckDbDestination } from '../../dist/destinations/duckdb/destination.js';
import { createLakeDestination } from '../../dist/destinations/lake/destination.js';
import { createLoader } from '../../dist/load/loader.js';
import { openFileFolder } from '../../dist/store/file-folder.js';

const [kind, place, deadlyPoint, deadlyTime, connection = 'sync'] = process.argv.slice(2);
const rounds = 2;

const reached = new Map();
function crashPoint(name) {
  const times = (reached.get(name) ?? 0) + 1;
  reached.set(name, times);
  if (name === deadlyPoint && times === Number(deadlyTime)) process.kill(process.pid, 'SIGKILL');
}

const shared = { connection, clock: systemClock, crashPoint, log: noLog };
const destination =
  kind === 'duckdb'
    ? createDuckDbDestination({ ...shared, path: place })
    : createLakeDestination({ ...shared, store: openFileFolder(place), shown: place });

const text = { type: ['null', 'string'] };
function streamOf(name, more = {}) {
  const stream = {
    name,
    jsonSchema: { type: 'object', properties: { id: text, updated: { type: 'integer' }, ...more } },
    primaryKey: [['id']],
    cursorField: ['updated'],
    syncModes: ['incremental'],
  };
  return {
    stream,
    syncMode: 'incremental',
    destinationSyncMode: 'append_dedup',
    primaryKey: [['id']],
    cursorField: ['updated'],
  };
}

const saved = await destination.readState();
const catalog = [streamOf('calls'), streamOf('tiny')];
const loader = createLoader({ destination, catalog, clock: systemClock, crashPoint, log: noLog });
for (let round = (saved?.streams.calls?.round ?? 0) + 1; round <= rounds; round++) {
  // The last round brings a new column.
  const calls = round === rounds ? streamOf('calls', { language: text }) : catalog[0];
  const add = (stream, row) =>
    loader.addLine(stream, Buffer.from(JSON.stringify(row)), { emittedAt: 1_760_000_000_000 + round });
  for (let n = 0; n < 10; n++) await add(calls, { id: `old ${n}`, updated: round, language: 'eng' });
  await add(calls, { id: `new ${round}`, updated: round, language: 'eng' });
  await add(catalog[1], { id: `tiny ${round}`, updated: round });
  await loader.addState('calls', { round }, () => void writeSync(1, `ACK ${round}\n`));
  await loader.flush();
}
await loader.finish();
await destination.close();
