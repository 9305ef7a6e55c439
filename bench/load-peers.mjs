// Our Singer target beside target-duckdb and PyAirbyte's DuckDB cache, the same records into a new file each, in turn: CPU and
// wall of the process with its children. The programs are those of the interop tests: run `npm run interop` once before.
//   node bench/load-peers.mjs [--calls 200000 --only plain]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeVariant } from './load-variants.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '200000' },
    only: { type: 'string', multiple: true, default: ['plain', '300 columns'] },
  },
});
const root = join(import.meta.dirname, '..');
const program = (environment, name) => join(root, '.interop', environment, 'bin', name);

/** Python's own account of a child and of its children. */
const account = `
import json, resource, subprocess, sys, time
begun = time.monotonic()
code = subprocess.call(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.DEVNULL, stderr=open('stderr.txt', 'w'))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'code': code, 'wall': time.monotonic() - begun, 'cpu': used.ru_utime + used.ru_stime, 'peak': used.ru_maxrss / 1024}))
`;

function measure(folder, command, input) {
  const { stdout } = spawnSync('python3', ['-c', account, ...command], {
    cwd: folder,
    stdio: [input === undefined ? 'ignore' : openSync(input, 'r'), 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const { code, wall, cpu, peak } = JSON.parse(stdout);
  if (code !== 0)
    throw new Error(
      `${command.join(' ')} ended with ${code}: ${readFileSync(join(folder, 'stderr.txt'), 'utf8').slice(-2000)}`,
    );
  return { wall, cpu, peak };
}

const write = (path, value) => {
  writeFileSync(path, JSON.stringify(value));
  return path;
};

console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}; ${values.calls} calls, one run each`,
);
for (const name of values.only) {
  const { messages, objects } = await makeVariant(join(import.meta.dirname, 'out'), name, Number(values.calls));
  const folder = mkdtempSync(join(tmpdir(), 'gong-elt-bench-'));
  try {
    const { schema } = JSON.parse(readFileSync(messages, 'utf8').slice(0, 1_000_000).split('\n', 1)[0]);
    const ours = measure(
      folder,
      [
        process.execPath,
        join(root, 'dist/bin/target-duckdb-parquet.js'),
        ...['--config', write(join(folder, 'ours.json'), { path: join(folder, 'ours.duckdb') })],
      ],
      messages,
    );
    const target = { filepath: join(folder, 'theirs.duckdb'), default_target_schema: 'main' };
    const peers = {
      'target-duckdb': () =>
        measure(
          folder,
          [program('target-duckdb', 'target-duckdb'), '--config', write(join(folder, 'theirs.json'), target)],
          messages,
        ),
      "PyAirbyte's cache": () =>
        measure(folder, [
          program('airbyte', 'python'),
          join(import.meta.dirname, 'variants/pyairbyte-cache.py'),
          ...[objects, write(join(folder, 'schema.json'), schema), join(folder, 'cache.duckdb')],
        ]),
    };
    const told = ({ cpu, wall, peak }) => `${cpu.toFixed(1)} CPU s, ${wall.toFixed(1)} s, peak ${peak.toFixed(0)} MB`;
    console.log(`${name}\n  gong-elt: ${told(ours)}`);
    for (const [peer, run] of Object.entries(peers)) {
      const theirs = run();
      const times = (key) => `${(theirs[key] / ours[key]).toFixed(1)}×`;
      console.log(`  ${peer}: ${told(theirs)}: ${times('cpu')} the CPU, ${times('wall')} the wall`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
