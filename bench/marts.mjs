// The marts over a large file that SQL makes: half as many calls as runs, two kits, eight bricks an answer. `gong-elt marts` and then each
// mart in a process of its own, as somebody would ask for it: processor seconds and peak memory.
//   npm run bench:marts [-- --bricks 1000000] [--keep FOLDER]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openForWriting } from '../dist/duckdb/connection.js';

const { values } = parseArgs({
  options: { bricks: { type: 'string', default: '1000000' }, keep: { type: 'string' } },
});
const root = join(import.meta.dirname, '..');
const bin = join(root, 'dist/bin/gong-elt.js');
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'gong-elt-bench-'));
if (values.keep !== undefined) mkdirSync(folder, { recursive: true });
const file = join(folder, 'w.duckdb');
const runs = Math.round(Number(values.bricks) / 8);

console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}`);
try {
  await makeFile();
  console.log(`${runs} runs × 8 bricks, file of ${Math.round(statSync(file).size / 1e6)} MB`);
  const made = await measure(['marts', '--in', file, '--json']);
  if (made.code !== 0) throw new Error(`marts ended with ${made.code}: ${made.stderr}`);
  const { views, tabled } = JSON.parse(made.stdout);
  console.log(line('marts', made, `${views.length} views, as a table: ${tabled.join(', ')}`));
  for (const view of views.filter((name) => name.startsWith('mart_'))) {
    // Every column is computed; the rows are not printed.
    const asked = await measure(['query', `SELECT count(*), count(COLUMNS(*)) FROM ${view}`, '--from', file]);
    console.log(
      line(view, asked, asked.code === 0 ? '' : `ended with ${asked.code}: ${asked.stderr.trim().slice(0, 120)}`),
    );
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}

function line(what, { cpu, wall, rssMb }, remark) {
  return `${what.padEnd(28)} ${cpu.toFixed(2).padStart(7)} CPU s ${wall.toFixed(2).padStart(7)} s ${Math.round(rssMb).toString().padStart(5)} MB  ${remark}`;
}

async function measure(args) {
  const usage = join(root, 'bench/usage.mjs');
  const child = spawn(process.execPath, ['--import', usage, bin, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = ['', '', ''];
  for (const [index, number] of [1, 2, 3].entries())
    child.stdio[number].setEncoding('utf8').on('data', (text) => {
      texts[index] += text;
    });
  const [code] = await once(child, 'close');
  const [stdout, stderr, used] = texts;
  return { code, stdout, stderr, ...JSON.parse(used || '{"cpu":0,"wall":0,"rssMb":0}') };
}

/** A deal has four calls, two of three deals have ended; scores follow the outcome a little. */
async function makeFile() {
  const database = await openForWriting(file, { spillFolder: `${file}.tmp/spill`, isBulk: true, memoryLimit: '512MB' });
  try {
    await database.exclusive(async (session) => {
      await session.run(`
        CREATE TABLE calls AS SELECT
          'c' || i AS call_id, to_timestamp(1767225600 + i * 60) AS started_at, false AS is_private, 'Call ' || i AS title,
          'rep' || i % 200 || '@example.com' AS owner_email, 'Rep ' || i % 200 AS owner_name, 'Account ' || i // 4 AS account_name,
          'd' || i // 4 AS opportunity_id, 'New Business' AS opportunity_type, 'Discovery' AS stage_at_call, 1000.0 * (i % 90) AS amount_now,
          'USD' AS currency, (i // 4) % 3 < 2 AS is_closed_now, (i // 4) % 3 = 0 AS is_won_now, DATE '2027-06-01' AS close_date_now,
          to_timestamp(1800000000) AS context_read_at, to_timestamp(1800000000) AS extracted_at, NULL::TIMESTAMPTZ AS gone_at,
          'available' AS transcript_status, 'external' AS scope, 'Zoom' AS system
        FROM range(${Math.ceil(runs / 2)}) t(i);
        CREATE TABLE transcripts AS SELECT call_id, started_at, 'Rep (rep): the quote of ' || call_id || ' is said here' AS text, 'h' || call_id AS transcript_hash FROM calls;
        CREATE TABLE semarize_runs AS SELECT
          'r' || i AS run_id, 'c' || i // 2 AS call_id, CASE WHEN i % 2 = 0 THEN 'KITA' ELSE 'KITB' END AS kit_code, 'v1' AS kit_version_id,
          'succeeded' AS status, 'api' AS run_type, false AS is_sandbox, 'connector' AS origin, 'hc' || i // 2 AS transcript_hash,
          to_timestamp(1767229200 + i * 30) AS requested_at, to_timestamp(1767229260 + i * 30) AS finished_at, 4000 AS duration_ms, 900 AS input_chars,
          to_json({
            overall_score: {value: 40 + (i * 7919) % 50 + CASE WHEN (i // 8) % 3 = 0 THEN 10 ELSE 0 END, confidence: 0.5 + (i % 50) / 100, reason: 'because of what was said', evidence: ['the quote of c' || i // 2]},
            risk_flag: {value: (i * 31) % 5 = 0, confidence: 0.9, reason: 'a reason', evidence: ['said here']},
            pain_point: {value: 'pain ' || (i * 17) % 40, confidence: 0.8},
            competitors: {value: ['acme', 'beta' || i % 5], confidence: 0.7},
            budget_confirmed: {value: i % 3 = 0, confidence: 0.9},
            feature_accuracy: {value: (i % 100) / 100, confidence: 0.8},
            commercial_risk_level: {value: ['low', 'medium', 'high'][1 + i % 3], confidence: 0.6},
            knowledge_gap: {value: CASE WHEN i % 9 = 0 THEN 'gap ' || i % 30 END, confidence: 0.6}
          }) AS bricks
        FROM range(${runs}) t(i)`);
    });
  } finally {
    await database.close();
  }
}
