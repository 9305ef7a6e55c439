// A whole `gong-elt sync` against the sandbox, each a process of its own: requests against the rule (calls / 100 rounded up, plus
// one per window, of each kind), rows against the sandbox's truth, time and peak memory. Limits are off in the sandbox.
//   npm run bench:sync [-- --calls 10000,30000]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '10000,30000' } } });
const root = join(import.meta.dirname, '..');
const bin = join(root, 'dist/bin/gong-elt.js');
const dayMs = 86_400_000;

if (process.env.BENCH_SANDBOX) await serve(JSON.parse(process.env.BENCH_SANDBOX));
else {
  console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}`);
  for (const calls of values.calls.split(',')) await measure(Number(calls));
}

/** In a child process: the sandbox, and its ledger when asked. */
async function serve({ calls, endsAt }) {
  const { startSandbox } = await import('../dist/sandbox/sandbox.js');
  const { createWorld } = await import('../dist/sandbox/world/create-world.js');
  const world = createWorld({ seed: 1, calls, endsAt, days: 90 });
  const sandbox = await startSandbox({
    world,
    settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY, gongRequestsPerDay: Number.POSITIVE_INFINITY },
  });
  const now = Date.now();
  const shown = world.calls.filter(({ life }) => life.visibleMs <= now && life.erasedMs > now).length;
  process.send({ url: sandbox.url, key: sandbox.gongAccessKey, secret: sandbox.gongAccessKeySecret, shown });
  process.once('message', async () => {
    const listings = sandbox.ledger.of('POST /v2/calls/extensive');
    process.send({
      listings: listings.length,
      windows: new Set(listings.map(({ from, to }) => `${from} ${to}`)).size,
      transcripts: sandbox.ledger.count('POST /v2/calls/transcript'),
    });
    await sandbox.close();
    process.disconnect();
  });
}

async function measure(calls) {
  const folder = mkdtempSync(join(tmpdir(), 'gong-elt-bench-'));
  const sandbox = fork(import.meta.filename, [], {
    env: { ...process.env, BENCH_SANDBOX: JSON.stringify({ calls, endsAt: Date.now() - 3 * dayMs }) },
  });
  try {
    const [{ url, key, secret, shown }] = await once(sandbox, 'message');
    const settings = {
      gong_base_url: url,
      allowed_hosts: [new URL(url).host],
      start_date: new Date(Date.now() - 120 * dayMs).toISOString(),
      gong_requests_per_second: 10_000,
      gong_requests_per_day: 1_000_000,
      destination: 'w.duckdb',
    };
    writeFileSync(join(folder, 'gong-elt.yaml'), JSON.stringify(settings));
    const env = { PATH: process.env.PATH, GONG_ACCESS_KEY: key, GONG_ACCESS_KEY_SECRET: secret };
    const usage = await sync(folder, env);
    const stored = await count(folder);
    sandbox.send('report');
    const [{ listings, windows, transcripts }] = await once(sandbox, 'message');
    const most = Math.ceil(shown / 100) + windows;
    const verdict = stored === shown && listings <= most && transcripts <= most ? 'as promised' : 'NOT as promised';
    console.log(
      `${calls} calls, ${shown} shown: ${stored} rows, ${windows} windows, ${listings} listing and ${transcripts} transcript requests (at most ${most}): ${verdict};` +
        ` ${usage.wall.toFixed(1)} s, ${usage.cpu.toFixed(1)} CPU s, peak ${usage.rssMb.toFixed(0)} MiB`,
    );
  } finally {
    if (sandbox.connected) sandbox.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sync(folder, env) {
  const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'usage.mjs'), bin, 'sync', '--quiet'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let usage = '';
  child.stdio[3].setEncoding('utf8').on('data', (text) => {
    usage += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`sync ended with ${code}`);
  return JSON.parse(usage);
}

async function count(folder) {
  const { openForReading } = await import('../dist/duckdb/connection.js');
  const database = await openForReading(join(folder, 'w.duckdb'));
  const [row] = await database.exclusive((session) => session.rows('SELECT count(*)::INTEGER AS calls FROM calls'));
  await database.close();
  return row.calls;
}
