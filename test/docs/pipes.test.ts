// The pipes that the pages tell people to write keep the state through first runs and failures, and never buy twice.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { openForReading } from '../../src/duckdb/connection.ts';
import { discoverCatalog } from '../hosts/airbyte/bins.ts';
import { writeJson } from '../support/folder.ts';
import { openSourcePlace } from '../support/source-place.ts';
import { installBins, runLines, shellBlocks } from './shell-lines.ts';

const calls = 6;

async function openPlace() {
  const place = await openSourcePlace({ calls, endsAt: Date.now() - 3 * 86_400_000 });
  const { folder, sandbox } = place;
  const path = (name: string) => join(folder, name);
  return {
    ...place,
    path,
    text: (name: string) => readFileSync(path(name), 'utf8'),
    async expectAllStoredAndBoughtOnce() {
      const database = await openForReading(path('warehouse.duckdb'));
      const rows = await database
        .exclusive(async (session) => [
          await session.rows('SELECT call_id FROM calls'),
          await session.rows('SELECT call_id, kit_code, run_id FROM semarize_runs'),
        ])
        .finally(() => database.close());
      const [stored = [], runs = []] = rows;
      expect(stored).toHaveLength(calls);
      expect(runs.length).toBeGreaterThan(calls / 2);
      expect(runs).toHaveLength(sandbox.ledger.distinctRuns);
      for (const { call_id: call, kit_code: kit, run_id: run } of runs)
        expect(sandbox.ledger.runsPer(String(call), String(kit)).map(({ id }) => id)).toEqual([run]);
    },
  };
}

describe('the pipe of docs/meltano.md', () => {
  const [pipe = '', ...more] = shellBlocks('meltano.md', 'In a plain pipe');
  const target = 'target-duckdb-parquet';

  async function open() {
    const place = await openPlace();
    const bin = installBins(place.folder, ['tap-gong-semarize', target]);
    // Before the real one on the PATH, when it is there.
    const other = join(place.folder, 'other');
    mkdirSync(other);
    const configure = async (tap: JsonObject = {}, settings: JsonObject = {}) => {
      await writeJson(place.folder, 'tap.json', { ...place.settings, ...tap });
      await writeJson(place.folder, 'target.json', { path: 'warehouse.duckdb', batch_size_rows: 2, ...settings });
    };
    await configure();
    return {
      ...place,
      configure,
      run: () => runLines(pipe, place.folder, [other, bin]),
      /** A target in place of ours; `real` in it is ours. */
      replaceTarget(script: string) {
        const real = `'${process.execPath}' '${join(bin, target)}'`;
        writeFileSync(join(other, target), `#!/bin/sh\n${script.replaceAll('real', real)}\n`);
        chmodSync(join(other, target), 0o755);
      },
      restoreTarget: () => renameSync(join(other, target), join(other, 'gone')),
    };
  }
  type Place = Awaited<ReturnType<typeof open>>;

  async function runWell(place: Place) {
    const ended = await place.run();
    expect([ended.code, ended.stdout], ended.stderr).toEqual([0, '']);
    await place.expectAllStoredAndBoughtOnce();
    expect(existsSync(place.path('states.jsonl'))).toBe(false);
    return ended;
  }

  test('is the only one there', () => expect(more).toEqual([]));

  test('works on a first run, and goes on from it in a second', async () => {
    const place = await open();
    await runWell(place);
    const first = place.text('state.json');
    expect(Object.keys(JSON.parse(first).bookmarks).sort()).toEqual(['calls', 'semarize_runs', 'transcripts']);
    const { posts } = place.sandbox.ledger;
    const second = await runWell(place);
    expect(second.stderr).not.toContain('record_count');
    expect(place.sandbox.ledger.posts).toBe(posts);
  });

  test('keeps what was stored when the target fails half-way, on a first run and on a later one', async () => {
    const place = await open();
    // Real in all but that its input breaks under way.
    place.replaceTarget(`awk 'NR > 12 { print "no message"; exit } { print }' | real "$@"`);
    const broken = await place.run();
    expect(broken.code).toBe(7);
    expect(broken.stderr).toContain('CRITICAL Line 13 of the input cannot be taken');
    const kept = JSON.parse(place.text('state.json'));
    expect(Object.keys(kept.bookmarks).length).toBeGreaterThan(0);
    const again = await place.run();
    expect(again.code).toBe(7);
    expect(JSON.parse(place.text('state.json')).bookmarks).toMatchObject(
      Object.fromEntries(Object.keys(kept.bookmarks).map((name) => [name, {}])),
    );
    place.restoreTarget();
    await runWell(place);
  });

  test('makes no state when the first run fails at once, and keeps the old one when a later run does', async () => {
    const place = await open();
    const failAtOnce = async () => {
      await place.configure({}, { path: 'no-such-folder/warehouse.duckdb' });
      const failed = await place.run();
      expect(failed.code).toBe(7);
      expect(failed.stderr).toMatch(/^CRITICAL .*no-such-folder/m);
      await place.configure();
    };
    await failAtOnce();
    expect(existsSync(place.path('state.json'))).toBe(false);
    await runWell(place);
    const state = place.text('state.json');
    const { posts } = place.sandbox.ledger;
    await failAtOnce();
    expect(place.text('state.json')).toBe(state);
    await runWell(place);
    expect(place.sandbox.ledger.posts).toBe(posts);
  });

  test('keeps the old state when nothing is printed', async () => {
    const place = await open();
    await runWell(place);
    const state = place.text('state.json');
    await place.configure({ lookback_hours: -1 });
    const failed = await place.run();
    expect(failed.code).toBe(2);
    expect(place.text('states.jsonl')).toBe('');
    expect(place.text('state.json')).toBe(state);
    // A target that says nothing although all went well.
    await place.configure();
    place.replaceTarget('cat > /dev/null');
    expect((await place.run()).code).toBe(0);
    expect(place.text('state.json')).toBe(state);
    place.restoreTarget();
    await runWell(place);
  });

  test('makes no state of a first run that printed nothing', async () => {
    const place = await open();
    await place.configure({ lookback_hours: -1 });
    expect((await place.run()).code).toBe(2);
    expect(existsSync(place.path('state.json'))).toBe(false);
    await place.configure();
    await runWell(place);
  });

  test('keeps a state that fits when the tap fails', async () => {
    const place = await open();
    await runWell(place);
    const { posts } = place.sandbox.ledger;
    await place.configure({ gong_access_key_secret: 'not-the-right-one' });
    expect((await place.run()).code).toBe(3);
    await place.configure();
    await runWell(place);
    expect(place.sandbox.ledger.posts).toBe(posts);
  });

  test('takes whole lines only', async () => {
    const place = await open();
    place.replaceTarget(`printf '{"bookmarks":{"calls":{}}}\\n{"bookmarks":{"ca'; exit 9`);
    expect((await place.run()).code).toBe(9);
    expect(place.text('state.json')).toBe('{"bookmarks":{"calls":{}}}\n');
  });

  test('goes on from what a killed run left behind', async () => {
    const place = await open();
    await runWell(place);
    const { posts } = place.sandbox.ledger;
    renameSync(place.path('state.json'), place.path('states.jsonl'));
    await runWell(place);
    expect(place.sandbox.ledger.posts).toBe(posts);
  });

  test('ends with the words of the tap when the state is empty', async () => {
    const place = await open();
    writeFileSync(place.path('state.json'), '');
    const refused = await place.run();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('CRITICAL The state file state.json cannot be used: it is empty');
    expect(place.sandbox.ledger.requests).toEqual([]);
  });
});

test('the pipes of docs/airbyte.md work in their order: a first read without a state, a second one with it', async () => {
  const place = await openPlace();
  const bin = installBins(place.folder, ['source-gong-semarize', 'destination-duckdb']);
  await writeJson(place.folder, 'source.json', place.settings);
  await writeJson(place.folder, 'destination.json', { path: 'warehouse.duckdb' });
  await discoverCatalog(place);
  const [first = '', later = '', ...more] = shellBlocks('airbyte.md', 'By hand');
  expect([more, first.includes('--state')]).toEqual([[], false]);
  const read = await runLines(`set -eo pipefail\n${first}`, place.folder, [bin]);
  expect([read.code, read.stderr]).toEqual([0, '']);
  const { posts } = place.sandbox.ledger;
  const again = await runLines(`set -eo pipefail\n${later}`, place.folder, [bin]);
  expect([again.code, again.stderr]).toEqual([0, '']);
  await place.expectAllStoredAndBoughtOnce();
  expect(place.sandbox.ledger.posts).toBe(posts);
  const states = JSON.parse(place.text('state.json')) as JsonObject[];
  expect(states).toHaveLength(3);
  // Without any state in it the old file stays.
  writeFileSync(place.path('states.jsonl'), '');
  const before = place.text('state.json');
  const keep = `${later.slice(0, later.indexOf('keep_states states.jsonl'))}keep_states states.jsonl`;
  expect((await runLines(keep, place.folder, [bin])).code).not.toBe(0);
  expect(place.text('state.json')).toBe(before);
});
