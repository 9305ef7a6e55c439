// The Singer target beside DuckDB's own reader of the same records, alternating, each a process of its own: CPU and wall, first
// load and upsert of the same file; medians.
//   node bench/load.mjs [--rounds 3 --calls 200000 --only plain --only escapes --lake]
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeVariant, variants } from './load-variants.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    calls: { type: 'string', default: '200000' },
    only: { type: 'string', multiple: true },
    lake: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'gong-elt-bench-'));

function run(args, stdin) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'usage.mjs'), ...args], {
      cwd: work,
      stdio: [stdin ?? 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const said = ['', ''];
    for (const at of [0, 1]) child.stdio[at + 2].setEncoding('utf8').on('data', (part) => (said[at] += part));
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(said[1])) : reject(new Error(`${args.join(' ')} ended with ${code}: ${said[0]}`)),
    );
  });
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const times = (a, b, key) => (median(a.map((one) => one[key])) / median(b.map((one) => one[key]))).toFixed(2);

console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}; medians of ${values.rounds}, in turn`,
);
console.log(
  'variant               MB   DuckDB CPU/wall    first CPU/wall (÷ DuckDB)       upsert CPU/wall (÷ DuckDB)     peak MB   CPU a MB ÷ plain',
);
let plain;
try {
  for (const name of values.only ?? Object.keys(variants)) {
    const { messages, objects, columns } = await makeVariant(
      join(import.meta.dirname, 'out'),
      name,
      Number(values.calls),
    );
    const place = join(work, values.lake ? 'lake' : 'w.duckdb');
    const config = join(work, 'config.json');
    writeFileSync(config, JSON.stringify({ path: place }));
    const load = () =>
      run([join(root, 'dist/bin/target-duckdb-parquet.js'), '--config', config], openSync(messages, 'r'));
    const clean = (path) => {
      for (const suffix of ['', '.wal', '.tmp']) rmSync(path + suffix, { recursive: true, force: true });
    };
    const results = { own: [], first: [], upsert: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      const other = join(work, 'own.duckdb');
      clean(other);
      results.own.push(
        await run([join(import.meta.dirname, 'variants/duckdb-read.mjs'), objects, other, JSON.stringify(columns)]),
      );
      clean(place);
      results.first.push(await load());
      results.upsert.push(await load());
    }
    const { own, first, upsert } = results;
    const cell = (some, key) => median(some.map((one) => one[key])).toFixed(2);
    const pair = (some) => `${cell(some, 'cpu')} / ${cell(some, 'wall')} s`;
    const ratios = (some) => `${times(some, own, 'cpu')}× / ${times(some, own, 'wall')}×`;
    const megabytes = statSync(messages).size / 1e6;
    const perMegabyte = median(first.map(({ cpu }) => cpu)) / megabytes;
    if (name === 'plain') plain = perMegabyte;
    const peak = Math.round(Math.max(...[...first, ...upsert].map(({ rssMb }) => rssMb)));
    console.log(
      `${name.padEnd(20)} ${String(Math.round(megabytes)).padStart(4)}   ${pair(own)}   ${pair(first)} (${ratios(first)})   ${pair(upsert)} (${ratios(upsert)})   ${peak}   ${plain === undefined ? '' : (perMegabyte / plain).toFixed(2)}`,
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
