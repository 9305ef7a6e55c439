// One sync of the compiled program in a process of its own that sends itself a signal at the nth passing of a crash point.
// Arguments: config file, destination, crash point (or -), nth, signal. Prints "reached" just before it, and the report as one
// JSON line in the end.
import { readFileSync, writeSync } from 'node:fs';
import { systemClock } from '../../dist/core/clock.js';
import { placeOf } from '../../dist/pipeline/places/place-of.js';
import { runSync } from '../../dist/pipeline/sync.js';
import { thisMachine } from '../../dist/process/machine.js';
import { parseSourceConfig } from '../../dist/source/config.js';
import { createGongSemarizeSource } from '../../dist/source/source.js';

const [configPath, to, point, nth, signal] = process.argv.slice(2);
let passed = 0;
const crashPoint = (name) => {
  if (name !== point || ++passed !== Number(nth)) return;
  writeSync(1, 'reached\n');
  process.kill(process.pid, signal);
};
const log = (level, message) => {
  if (level === 'error' || level === 'warn') process.stderr.write(`${level}: ${message}\n`);
};
const ours = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('SIGTERM')));

const source = createGongSemarizeSource({
  config: parseSourceConfig(JSON.parse(readFileSync(configPath, 'utf8'))),
  clock: systemClock,
  random: Math.random,
  log,
  crashPoint,
  userAgent: 'crash-sync',
  maxWaitMs: 60_000,
});
try {
  const environment = { clock: systemClock, log, crashPoint, signal: stop.signal, machine: thisMachine(ours) };
  const { report, failure } = await runSync({ source, place: placeOf(to), request: {}, waitMs: 5000 }, environment);
  if (failure !== undefined) throw failure;
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  process.stderr.write(`${error.name} ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await source.close();
}
