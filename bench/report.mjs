// What a report of many runs costs: seconds, processor seconds and the most memory of the whole process.
// node bench/report.mjs [runs, 100000]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createMarts } from '../dist/analytics/marts.js';
import { parseAnalyticsSettings } from '../dist/analytics/settings.js';
import { openForWriting } from '../dist/duckdb/connection.js';

const runs = Number(process.argv[2] ?? 100_000);
const kits = 2;
const calls = Math.ceil(runs / kits);
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'gong-elt-bench-report-'));
const path = join(folder, 'warehouse.duckdb');

/** Four calls a deal; the scores go with winning; eight bricks a run, each with a reason and a quote. */
const fill = `
CREATE TABLE calls AS SELECT
  'c' || lpad(i::VARCHAR, 8, '0') AS call_id, 'Call ' || i AS title, 'https://app.gong.io/call?id=' || i AS url,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(i * 300) AS started_at, false AS is_private, 'Zoom' AS system,
  'Rep ' || (i % 200) AS owner_name, 'rep' || (i % 200) || '@acme.example' AS owner_email,
  'Account ' || (i // 4 % 5000) AS account_name, 'd' || (i // 4) AS opportunity_id, 'Deal ' || (i // 4) AS opportunity_name,
  'New Business' AS opportunity_type, 'Discovery' AS stage_at_call, 'Closed' AS stage_now,
  i // 4 % 10 <> 0 AS is_closed_now, hash(i // 4) % 2 = 0 AS is_won_now, 1000.0e0 + i % 90000 AS amount_now, 'USD' AS currency,
  (TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(i * 300 + 2592000))::DATE AS close_date_now,
  'available' AS transcript_status, TIMESTAMPTZ '2026-12-01 00:00:00+00' AS context_read_at, TIMESTAMPTZ '2026-12-01 00:00:00+00' AS extracted_at
FROM range(${calls}) t(i);
CREATE TABLE transcripts AS SELECT call_id, started_at, repeat('Jane (rep): we talked about the budget and the next step. ', 20) AS text,
  call_id AS transcript_hash, 0.02e0 AS unattributed_share, extracted_at FROM calls;
CREATE TABLE semarize_runs AS
WITH r AS (SELECT c.*, k, hash(call_id || k) AS h, is_won_now::INT * 8 AS lift FROM calls c, range(${kits}) t(k)),
answers AS (SELECT *, '"confidence":' || (0.5 + h % 50 / 100.0) || ',"reason":"Judged from what was said about it in the call","evidence":["we talked about the budget"]' AS rest FROM r)
SELECT call_id || '-' || k AS run_id, call_id, 'KIT' || k AS kit_code, 'v1' AS kit_version_id, 'succeeded' AS status, false AS is_sandbox, 'connector' AS origin,
  started_at + INTERVAL 1 HOUR AS requested_at, started_at + INTERVAL 2 HOUR AS finished_at, 4000 AS duration_ms, 1200 AS input_chars, call_id AS transcript_hash, extracted_at,
  ('{"overall_score":{"value":' || (40 + lift + h % 40) || ',' || rest || '},"pain_is_specific":{"value":' || (30 + lift + h // 7 % 50) || ',' || rest ||
   '},"risk_flag":{"value":' || (CASE WHEN h // 11 % 3 = 0 THEN 'true' ELSE 'false' END) || ',' || rest || '},"pricing_tier_correct":{"value":' || (CASE WHEN h // 13 % 4 = 0 THEN 'false' ELSE 'true' END) || ',' || rest ||
   '},"feature_accuracy":{"value":0.' || (10 + h // 17 % 90) || ',' || rest || '},"knowledge_gap":{"value":"' || (['sso', 'limits', 'audit'])[1 + (h // 19 % 3)::INT] || '",' || rest ||
   '},"approved_messaging_used":{"value":' || (CASE WHEN h // 23 % 2 = 0 THEN 'true' ELSE 'false' END) || ',' || rest || '},"pain_point":{"value":"' || (['slow', 'manual', 'costly'])[1 + (h // 29 % 3)::INT] || '",' || rest || '}}')::JSON AS bricks
FROM answers;`;

const settings = parseAnalyticsSettings({
  kits: [
    { code: 'KIT0', win_threshold: 62 },
    { code: 'KIT1', win_threshold: 62 },
  ],
  bricks: [{ brick_key: 'pain_is_specific', in_deal_score: true }],
});

/** Runs a command of ours, measured. */
function measure(...words) {
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      ['--import', join(root, 'bench', 'usage.mjs'), join(root, 'dist', 'bin', 'gong-elt.js'), ...words],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
    );
    let usage = '';
    child.stdio[3].on('data', (text) => {
      usage += text;
    });
    child.on('exit', (code) =>
      code === 0 ? done(JSON.parse(usage)) : fail(new Error(`${words[0]} ended with ${code}`)),
    );
  });
}

const show = (name, { wall, cpu, rssMb }) =>
  console.log(`${name.padEnd(22)} ${wall.toFixed(1)} s, ${cpu.toFixed(1)} CPU s, ${Math.round(rssMb)} MB`);

try {
  const database = await openForWriting(path, { spillFolder: join(folder, 'spill'), memoryLimit: '1GB' });
  await database.exclusive(async (session) => {
    await session.run(fill);
    await createMarts(session, settings);
  });
  await database.close();
  console.log(`${runs} runs, ${calls} calls, ${Math.round(statSync(path).size / 1e6)} MB`);
  show('report --no-analyze', await measure('report', '--from', path, '--no-analyze', '-q'));
  show('analyze', await measure('analyze', '--in', path, '-q'));
  show('report, analysed', await measure('report', '--from', path, '-q'));
  console.log(`report.html ${Math.round(statSync(join(folder, 'report.html')).size / 1e3)} kB`);
  show('report --since 30d', await measure('report', '--from', path, '--no-analyze', '--since', '30d', '-q'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
