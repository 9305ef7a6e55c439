// How long hosts wait for `spec` and `discover` (and the Singer faces' own), beside `node -e 0`; in turn, medians.
//   npm run bench:start-up [-- --rounds 20]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const bin = (name) => join(import.meta.dirname, '../dist/bin', `${name}.js`);
const folder = mkdtempSync(join(tmpdir(), 'gong-elt-bench-'));
const config = join(folder, 'config.json');
writeFileSync(
  config,
  JSON.stringify({
    gong_access_key: 'key',
    gong_access_key_secret: 'secret',
    semarize_api_key: 'key',
    start_date: '2026-01-01',
  }),
);
const commands = {
  'node -e 0': ['-e', '0'],
  'source spec': [bin('source-gong-semarize'), 'spec'],
  'source discover': [bin('source-gong-semarize'), 'discover', '--config', config],
  'destination spec': [bin('destination-duckdb'), 'spec'],
  'tap --discover': [bin('tap-gong-semarize'), '--discover', '--config', config],
  'tap --about': [bin('tap-gong-semarize'), '--about'],
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++)
  for (const [name, args] of Object.entries(commands)) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    times[name].push(performance.now() - start);
  }
rmSync(folder, { recursive: true });
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}; medians of ${values.rounds}, in turn`,
);
for (const [name, all] of Object.entries(times)) console.log(`${name.padEnd(18)} ${median(all).toFixed(0)} ms`);
