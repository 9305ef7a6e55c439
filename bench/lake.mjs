// What a commit to a lake and a query of it cost after few commits and after many (milliseconds: clock / processor,
// medians), and what an upsert of 1 % writes.
// node bench/lake.mjs [commits, 1000]
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../dist/core/clock.js';
import { noCrashPoint } from '../dist/core/crash-point.js';
import { noLog } from '../dist/core/log.js';
import { createLakeDestination } from '../dist/destinations/lake/destination.js';
import { createLakeViews } from '../dist/destinations/lake/views.js';
import { openInMemory } from '../dist/duckdb/connection.js';
import { createLoader } from '../dist/load/loader.js';
import { configure } from '../dist/pipeline/sync.js';
import { describeStream } from '../dist/source/streams.js';
import { openFileFolder } from '../dist/store/file-folder.js';

const few = 30;
const many = Number(process.argv[2] ?? 1000);
const callsPerCommit = 20;
const stream = configure(describeStream('calls'));

/** Calls spread over a year; a commit brings new ones of one month, and a newer version of some old ones. */
function call(n, version) {
  const started = new Date(Date.UTC(2026, Math.floor(n / 2000) % 12, 1 + (n % 28))).toISOString();
  const at = new Date(Date.UTC(2027, 0, 1) + version * 60_000).toISOString();
  return {
    call_id: String(1_000_000_000 + n),
    title: `Call ${n} ${randomBytes(100).toString('hex')}`,
    started_at: started,
    content_hash: `h${version}`,
    extracted_at: at,
  };
}

async function open(root) {
  const destination = createLakeDestination({
    store: openFileFolder(root),
    shown: root,
    connection: 'bench',
    clock: systemClock,
    crashPoint: noCrashPoint,
    log: noLog,
  });
  return {
    destination,
    loader: createLoader({
      destination,
      catalog: [stream],
      clock: systemClock,
      crashPoint: noCrashPoint,
      log: noLog,
      batchBytes: 1e12,
    }),
  };
}

async function commit(opened, rows, n) {
  for (const row of rows) await opened.loader.addLine(stream, Buffer.from(JSON.stringify(row)), { emittedAt: n });
  opened.loader.addState('calls', { n });
  return await measured(() => opened.loader.flush());
}

/** Milliseconds: on the clock, and of processor time, which other programs on the machine change less. */
async function measured(work) {
  const begun = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - begun, cpu: (user + system) / 1000 };
}

/** A new reader: views made, one query answered. */
async function query(root) {
  return await measured(async () => {
    const database = await openInMemory({ folders: [root] });
    await database.exclusive(async (session) => {
      await createLakeViews(session, openFileFolder(root), root);
      await session.rows('SELECT count(*), max(extracted_at) FROM calls');
    });
    await database.close();
  });
}

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const median = (some) => ({ wall: middle(some.map(({ wall }) => wall)), cpu: middle(some.map(({ cpu }) => cpu)) });
const folderOf = () => join(mkdtempSync(join(tmpdir(), 'gong-elt-bench-')), 'lake');
const remove = (root) => rmSync(join(root, '..'), { recursive: true, force: true });

async function growth() {
  const root = folderOf();
  const opened = await open(root);
  const times = [];
  const queries = new Map();
  const cold = new Map();
  for (let n = 1; n <= many; n++) {
    const fresh = Array.from({ length: callsPerCommit / 2 }, (_, i) => call(n * callsPerCommit + i, n));
    const newer = Array.from({ length: callsPerCommit / 2 }, (_, i) =>
      call(Math.max(0, n - 1) * callsPerCommit + i, n),
    );
    times.push(await commit(opened, [...fresh, ...newer], n));
    if (n !== few && n !== many) continue;
    const asked = [];
    for (let i = 0; i < 15; i++) asked.push(await query(root));
    queries.set(n, median(asked));
    // A new process reads the checkpoint and what came behind it.
    const other = await open(root);
    cold.set(n, await commit(other, [call(n, n)], n));
    await other.loader.abort();
    await opened.destination.readState();
  }
  const around = (n) => median(times.slice(Math.max(0, n - 20), n));
  const row = (name, cells) => console.log(name.padEnd(8), ...cells.map((cell) => cell.padStart(24)));
  const of = ({ wall, cpu }) => `${wall.toFixed(0)} / ${cpu.toFixed(0)}`;
  const ratio = (a, b) => `${(a.wall / b.wall).toFixed(2)} / ${(a.cpu / b.cpu).toFixed(2)}`;
  row('commits', ['a commit', "a process's first commit", 'a query']);
  for (const n of [few, many]) row(String(n), [of(around(n)), of(cold.get(n)), of(queries.get(n))]);
  row('ratio', [
    ratio(around(many), around(few)),
    ratio(cold.get(many), cold.get(few)),
    ratio(queries.get(many), queries.get(few)),
  ]);
  await opened.loader.finish();
  remove(root);
}

async function upsert() {
  const root = folderOf();
  const opened = await open(root);
  const rows = 200_000;
  for (let n = 0; n < rows; n += 20_000)
    await commit(
      opened,
      Array.from({ length: 20_000 }, (_, i) => call(Math.floor((n + i) * 0.12), 0)).map((row, i) => ({
        ...row,
        call_id: String(1_000_000_000 + n + i),
      })),
      n + 1,
    );
  const data = () =>
    new Map(
      readdirSync(root, { recursive: true })
        .filter((name) => name.endsWith('.parquet') && !name.includes('_delta_log'))
        .map((name) => [name, statSync(join(root, name)).size]),
    );
  const before = data();
  const newer = Array.from({ length: rows / 100 }, (_, i) => ({
    ...call(Math.floor((rows - 1 - i) * 0.12), 1),
    call_id: String(1_000_000_000 + rows - 1 - i),
  }));
  const { wall, cpu } = await commit(opened, newer, rows + 1);
  const written = [...data()].filter(([name]) => !before.has(name));
  const sum = (values) => values.reduce((a, b) => a + b, 0) / 1e6;
  console.log(
    `\nupsert of 1 % of ${rows} calls, the newest: ${wall.toFixed(0)} ms, ${cpu.toFixed(0)} of processor; ${written.length} files of ${sum(written.map(([, size]) => size)).toFixed(1)} MB written, of ${before.size} of ${sum([...before.values()]).toFixed(1)} MB`,
  );
  await opened.loader.finish();
  remove(root);
}

await growth();
await upsert();
