// The loader beside DuckDB's own reader and beside JSON.parse alone, in turn, each a process of its own; medians of five.
//   npm run bench [-- --rounds 5 --calls 200000 --transcripts 5000]
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeStream } from '../dist/source/streams.js';
import { makeLines } from './make-lines.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '200000' },
    transcripts: { type: 'string', default: '5000' },
  },
});
const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'gong-elt-bench-'));

const types = {
  string: ({ format }) => (format === 'date-time' ? 'TIMESTAMPTZ' : format === 'date' ? 'DATE' : 'VARCHAR'),
  integer: () => 'BIGINT',
  number: () => 'DOUBLE',
  boolean: () => 'BOOLEAN',
  array: ({ items }) => `${typeOf(items)}[]`,
  object: ({ properties }) =>
    properties
      ? `STRUCT(${Object.entries(properties)
          .map(([name, schema]) => `"${name}" ${typeOf(schema)}`)
          .join(', ')})`
      : 'JSON',
};
function typeOf(schema) {
  const [type] = [schema.type].flat();
  return types[type](schema);
}

function run(args, stdin) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'usage.mjs'), ...args], {
      cwd: root,
      stdio: [stdin ?? 'ignore', 'ignore', 'inherit', 'pipe'],
    });
    let usage = '';
    child.stdio[3].setEncoding('utf8').on('data', (text) => {
      usage += text;
    });
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(usage)) : reject(new Error(`${args[0]} ended with ${code}`)),
    );
  });
}

function variantsOf(stream, paths) {
  const described = describeStream(stream);
  const catalog = join(work, `${stream}.catalog.json`);
  const config = join(work, `${stream}.config.json`);
  const database = join(work, `${stream}.duckdb`);
  const clean = () => {
    for (const suffix of ['', '.wal', '.tmp']) rmSync(database + suffix, { recursive: true, force: true });
  };
  writeFileSync(config, JSON.stringify({ path: database, add_record_metadata: false }));
  writeFileSync(
    catalog,
    JSON.stringify({
      streams: [
        {
          stream: {
            name: stream,
            json_schema: described.jsonSchema,
            supported_sync_modes: ['full_refresh', 'incremental'],
          },
          sync_mode: 'incremental',
          destination_sync_mode: 'append_dedup',
          primary_key: described.primaryKey,
          cursor_field: described.cursorField,
        },
      ],
    }),
  );
  const columns = Object.fromEntries(
    Object.entries(described.jsonSchema.properties).map(([name, schema]) => [name, typeOf(schema)]),
  );
  return {
    'loader (lines → upsert)': () => {
      clean();
      return run(
        [join(root, 'dist/bin/destination-duckdb.js'), 'write', '--config', config, '--catalog', catalog],
        openSync(paths.messages, 'r'),
      );
    },
    'DuckDB read_ndjson → table': () => {
      clean();
      return run([
        join(import.meta.dirname, 'variants/duckdb-read.mjs'),
        paths.objects,
        database,
        JSON.stringify(columns),
      ]);
    },
    'JSON.parse of each line': () => run([join(import.meta.dirname, 'variants/json-parse.mjs'), paths.messages]),
  };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}; medians of ${values.rounds} rounds, in turn`,
);
try {
  for (const [stream, rows] of [
    ['calls', Number(values.calls)],
    ['transcripts', Number(values.transcripts)],
  ]) {
    const paths = await makeLines(join(import.meta.dirname, 'out'), stream, rows);
    const megabytes = statSync(paths.messages).size / 1e6;
    const variants = variantsOf(stream, paths);
    const results = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, measure] of Object.entries(variants)) results[name].push(await measure());
    console.log(
      `\n${rows} ${stream}, ${megabytes.toFixed(0)} MB (${((megabytes * 1e6) / rows / 1000).toFixed(1)} kB a line)`,
    );
    for (const [name, rounds] of Object.entries(results)) {
      const [wall, cpu, rss] = ['wall', 'cpu', 'rssMb'].map((key) => median(rounds.map((round) => round[key])));
      console.log(
        `${name.padEnd(28)} ${wall.toFixed(2)} s wall  ${cpu.toFixed(2)} s CPU  ${rss.toFixed(0)} MB peak  ${Math.round(rows / wall)} rows/s  ${(megabytes / wall).toFixed(0)} MB/s   rounds (wall): ${rounds.map((round) => round.wall.toFixed(2)).join(' ')}`,
      );
    }
    const [loader, own] = Object.values(results).map((rounds) => ({
      wall: median(rounds.map((round) => round.wall)),
      cpu: median(rounds.map((round) => round.cpu)),
    }));
    console.log(
      `loader / DuckDB: ${(loader.cpu / own.cpu).toFixed(2)}× CPU, ${(loader.wall / own.wall).toFixed(2)}× wall`,
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
