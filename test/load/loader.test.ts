// The flush-and-acknowledge loop, over a real DuckDB file.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ConfiguredCatalog } from '../../src/core/catalog.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { noCrashPoint } from '../../src/core/crash-point.ts';
import type { Destination } from '../../src/core/destination.ts';
import { noLog } from '../../src/core/log.ts';
import { createLoader } from '../../src/load/loader.ts';
import type { Loader, LoaderOptions } from '../../src/load/loader-contract.ts';
import { integer, streamOf, text } from '../contracts/batches.ts';
import { createWarehouse, type Warehouse } from '../destinations/duckdb/warehouse.ts';

const calls = streamOf('calls', { id: text, updated: integer });
const tiny = streamOf('tiny', { id: text, updated: integer });

/** A clock whose sleepers wake when the test says so. */
function createManualClock(): Clock & { advance(ms: number): void } {
  const sleepers = new Set<{ until: number; wake: () => void }>();
  let now = 0;
  return {
    now: () => 1_760_000_000_000 + now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    advance(ms) {
      now += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** `destination` whose commits wait until the test opens the gate for them, and which writes down what happens. */
function withGate(destination: Destination) {
  const events: string[] = [];
  let open = true;
  let waiting: (() => void)[] = [];
  const gated: Destination = {
    ...destination,
    stagingFolder: destination.stagingFolder,
    async commit(batch) {
      events.push('commit asked');
      if (!open) await new Promise<void>((resolve) => waiting.push(resolve));
      const counts = await destination.commit(batch);
      events.push(`committed ${batch.streams.reduce((sum, { rows }) => sum + rows, 0)}`);
      return counts;
    },
    async release() {
      events.push('released');
      await destination.release();
    },
  };
  return {
    destination: gated,
    events,
    shut() {
      open = false;
    },
    release() {
      open = true;
      for (const go of waiting) go();
      waiting = [];
    },
  };
}

async function start(options: Partial<LoaderOptions> & { catalog?: ConfiguredCatalog } = {}) {
  const warehouse = await createWarehouse();
  const gate = withGate(warehouse.open());
  const loader = createLoader({
    destination: gate.destination,
    catalog: [calls, tiny],
    clock: systemClock,
    crashPoint: noCrashPoint,
    log: noLog,
    ...options,
  });
  onTestFinished(() => loader.abort());
  return { warehouse, gate, loader };
}

const line = (id: string, updated = 1) => Buffer.from(JSON.stringify({ id, updated }));
const ids = async (warehouse: Warehouse, table = 'calls') =>
  (await warehouse.read(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id);

async function settle() {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a load', () => {
  test('stores rows of both doors, states, and a table for every stream of the catalog', async () => {
    const { warehouse, loader } = await start();
    await loader.addRow('calls', { id: '1', updated: 1 }, 1000);
    await loader.addLine(calls, line('2'), { emittedAt: 1000 });
    await loader.addState('calls', { at: 1 });
    const summary = await loader.finish();
    expect(summary).toEqual({
      commits: 1,
      streams: [
        {
          stream: 'calls',
          namespace: undefined,
          staged: 2,
          written: 2,
          superseded: 0,
          rejected: 0,
          nulled: 0,
          rounded: 0,
        },
        {
          stream: 'tiny',
          namespace: undefined,
          staged: 0,
          written: 0,
          superseded: 0,
          rejected: 0,
          nulled: 0,
          rounded: 0,
        },
      ],
      unfinished: [],
    });
    expect(await ids(warehouse)).toEqual(['1', '2']);
    expect(await ids(warehouse, 'tiny')).toEqual([]);
    expect((await warehouse.open().readState())?.streams).toEqual({ calls: { at: 1 } });
  });

  test('makes the tables even when nothing comes', async () => {
    const { warehouse, loader } = await start();
    expect((await loader.finish()).commits).toBe(1);
    expect(await ids(warehouse)).toEqual([]);
  });

  test('acknowledges each state once, after its commit, in order, with its counts', async () => {
    const { gate, loader } = await start();
    const acknowledged: string[] = [];
    const ack = (name: string) => (counts: { records: number; rejected: number }) => {
      acknowledged.push(`${name} ${counts.records}+${counts.rejected}`);
      gate.events.push(`acknowledged ${name}`);
    };
    loader.addLine(calls, line('1'), { emittedAt: 1 });
    loader.addState('calls', { n: 1 }, ack('first'));
    loader.addLine(calls, Buffer.from('{"updated":1}'), { emittedAt: 1 });
    loader.addLine(tiny, line('1'), { emittedAt: 1 });
    loader.addState({ name: 'tiny' }, { n: 1 }, ack('tiny'));
    loader.addState('calls', { n: 2 }, ack('second'));
    expect(acknowledged).toEqual([]);
    await loader.flush();
    expect(acknowledged).toEqual(['first 1+0', 'tiny 1+0', 'second 0+1']);
    loader.addLine(calls, line('2'), { emittedAt: 1 });
    loader.addState(undefined, { all: 1 }, ack('global'));
    await loader.finish();
    expect(acknowledged.slice(3)).toEqual(['global 1+0']);
    expect(gate.events.filter((event) => event !== 'released')).toEqual([
      'commit asked',
      'committed 3',
      'acknowledged first',
      'acknowledged tiny',
      'acknowledged second',
      'commit asked',
      'committed 1',
      'acknowledged global',
    ]);
  });

  test('never acknowledges the state of a quiet stream before its rows, while a busy one is committed', async () => {
    const { warehouse, gate, loader } = await start({ batchBytes: 2000 });
    const seen: boolean[] = [];
    await loader.addLine(tiny, line('quiet'), { emittedAt: 1 });
    await loader.addState('tiny', { n: 1 }, async () => {
      seen.push((await gate.destination.readState())?.streams['tiny'] !== undefined);
    });
    for (let n = 0; n < 100; n++) await loader.addLine(calls, line(`${n}`), { emittedAt: 1 });
    const summary = await loader.finish();
    expect(summary.commits).toBeGreaterThan(2);
    expect(seen).toEqual([true]);
    expect(await ids(warehouse, 'tiny')).toEqual(['quiet']);
  });

  test('commits at its size, stages the next batch meanwhile, and makes the one after that wait', async () => {
    const { gate, loader } = await start({ batchBytes: 500 });
    gate.shut();
    const add = async (from: number) => {
      for (let n = from; ; n++) {
        const wait = loader.addLine(calls, line(`${n}`), { emittedAt: 1 });
        if (gate.events.length > 0 && from === 0) return { n: n + 1, wait };
        if (wait !== undefined) return { n: n + 1, wait };
      }
    };
    const first = await add(0);
    expect(first.wait).toBeUndefined();
    const second = await add(first.n);
    let isFree = false;
    const waited = Promise.resolve(second.wait).then(() => {
      isFree = true;
    });
    await settle();
    expect([gate.events, isFree]).toEqual([['commit asked'], false]);
    gate.release();
    await waited;
    const summary = await loader.finish();
    expect(summary.streams[0]?.written).toBe(second.n);
    expect(summary.commits).toBe(2);
  });

  test('commits what is old, however small, also when nothing more comes', async () => {
    const clock = createManualClock();
    const { gate, loader } = await start({ clock, batchMs: 30_000 });
    let isAcknowledged = false;
    loader.addLine(calls, line('1'), { emittedAt: 1 });
    const acknowledged = new Promise<void>((resolve) => {
      loader.addState('calls', { n: 1 }, () => {
        isAcknowledged = true;
        resolve();
      });
    });
    clock.advance(29_999);
    await settle();
    expect([gate.events, isAcknowledged]).toEqual([[], false]);
    clock.advance(1);
    await acknowledged;
    expect(gate.events).toEqual(['commit asked', 'committed 1']);
  });

  test('lets go of the file after a commit when little waits, holds it when much does, and never longer than 30 s', async () => {
    const clock = createManualClock();
    const { gate, loader } = await start({ clock, batchBytes: 1000 });
    const commitWith = async (waiting: number) => {
      gate.shut();
      let n = 0;
      const before = gate.events.length;
      while (gate.events.length === before) await loader.addLine(calls, line(`${n++}`), { emittedAt: 1 });
      for (let extra = 0; extra < waiting; extra++) await loader.addLine(calls, line(`w${extra}`), { emittedAt: 1 });
      gate.release();
      await settle();
      while (
        gate.events.filter((event) => event === 'commit asked').length >
        gate.events.filter((event) => event.startsWith('committed')).length
      )
        await settle();
      await settle();
      return gate.events.slice(before);
    };
    const committed = expect.stringContaining('committed');
    expect(await commitWith(0)).toEqual(['commit asked', committed, 'released']);
    expect(await commitWith(5)).toEqual(['commit asked', committed]);
    clock.advance(29_999);
    expect(await commitWith(5)).toEqual(['commit asked', committed]);
    clock.advance(1);
    expect(await commitWith(5)).toEqual(['commit asked', committed, 'released']);
  });

  test('commits a batch that grew old during another commit as soon as that one is done', async () => {
    const clock = createManualClock();
    const { gate, loader } = await start({ clock, batchBytes: 200, batchMs: 30_000 });
    gate.shut();
    while (gate.events.length === 0) await loader.addLine(calls, line('1'), { emittedAt: 1 });
    await loader.addLine(calls, line('2'), { emittedAt: 1 });
    const acknowledged = new Promise<void>((resolve) => {
      loader.addState('calls', { n: 1 }, () => resolve());
    });
    clock.advance(30_000);
    gate.release();
    await acknowledged;
    expect(gate.events.filter((event) => event.startsWith('committed'))).toHaveLength(2);
  });
});

describe('a load that fails', () => {
  /** A load whose first commit fails when the test says so, with a second batch in hand: its record and its state. */
  async function startFailing(clock: Clock) {
    const { warehouse, gate, loader } = await start({ clock, batchRows: 2, batchMs: 30_000 });
    const { commit } = gate.destination;
    const asked: number[] = [];
    let fail = () => {};
    gate.destination.commit = async (batch) => {
      asked.push(batch.streams.reduce((sum, { rows }) => sum + rows, 0));
      if (asked.length === 1)
        await new Promise((_, reject) => {
          fail = () => reject(new Error('a planned failure'));
        });
      return await commit(batch);
    };
    let acknowledged = 0;
    const add = async (id: string) => await loader.addLine(calls, line(id), { emittedAt: 1 });
    for (const id of ['1', '2', '3']) await add(id);
    await loader.addState('calls', { at: 3 }, () => {
      acknowledged += 1;
    });
    await settle();
    const expectLost = async () => {
      await settle();
      await expect(loader.finish()).rejects.toThrow('a planned failure');
      await loader.abort();
      expect([asked, acknowledged]).toEqual([[2], 0]);
      expect(await warehouse.open().readState()).toBeUndefined();
    };
    return { add, fail: () => fail(), expectLost };
  }

  test('commits nothing that came later: the state of a full batch would speak for records that are lost', async () => {
    const { add, fail, expectLost } = await startFailing(systemClock);
    const waiting = add('4');
    fail();
    await expect(waiting).rejects.toThrow('a planned failure');
    await expectLost();
  });

  test('commits nothing that came later, also when it grew old meanwhile', async () => {
    const clock = createManualClock();
    const { fail, expectLost } = await startFailing(clock);
    clock.advance(30_000);
    await settle();
    fail();
    await expectLost();
  });

  test('acknowledges nothing, and says so at the next call and at each one after it', async () => {
    const { loader } = await start({ catalog: [streamOf('keyless', { name: text }, { key: [['id']] })] });
    const keyless = streamOf('keyless', { name: text }, { key: [['id']] });
    let acknowledged = 0;
    await loader.addLine(keyless, Buffer.from('{"name":"x"}'), { emittedAt: 1 });
    await loader.addState('keyless', { n: 1 }, () => {
      acknowledged += 1;
    });
    await expect(loader.flush()).rejects.toMatchObject({ area: 'config' });
    expect(() => loader.addLine(keyless, Buffer.from('{"name":"x"}'), { emittedAt: 1 })).toThrow(
      expect.objectContaining({ area: 'config' }),
    );
    expect(() => loader.addState('keyless', {})).toThrow(expect.objectContaining({ area: 'config' }));
    await expect(loader.finish()).rejects.toMatchObject({ area: 'config' });
    expect(acknowledged).toBe(0);
  });

  test('surfaces the error of a commit in the background at the next record', async () => {
    const { loader } = await start({
      catalog: [streamOf('keyless', { name: text }, { key: [['id']] })],
      batchBytes: 10,
    });
    const keyless = streamOf('keyless', { name: text }, { key: [['id']] });
    loader.addLine(keyless, Buffer.from('{"name":"x"}'), { emittedAt: 1 });
    await settle();
    await expect(
      (async () => {
        for (;;) {
          await loader.addLine(keyless, Buffer.from('{"name":"x"}'), { emittedAt: 1 });
          await settle();
        }
      })(),
    ).rejects.toMatchObject({ area: 'config' });
  });

  test('keeps a committed batch when its acknowledgement fails, and stops', async () => {
    const { warehouse, loader } = await start();
    loader.addLine(calls, line('1'), { emittedAt: 1 });
    loader.addState('calls', { n: 1 }, () => {
      throw new Error('the host hung up');
    });
    await expect(loader.flush()).rejects.toThrow('the host hung up');
    await loader.abort();
    expect(await ids(warehouse)).toEqual(['1']);
  });

  test('drops what is not committed on abort, and leaves no staging files', async () => {
    const { warehouse, gate, loader } = await start();
    loader.addLine(calls, line('1'), { emittedAt: 1 });
    await loader.flush();
    loader.addLine(calls, line('2'), { emittedAt: 1 });
    expect(existsSync(gate.destination.stagingFolder)).toBe(true);
    await loader.abort();
    expect(existsSync(gate.destination.stagingFolder)).toBe(false);
    expect(await ids(warehouse)).toEqual(['1']);
  });
});

describe('the staging folder', () => {
  test('holds no record that is stored', async () => {
    const { gate, loader } = await start();
    await loader.addLine(calls, line('1'), { emittedAt: 1 });
    expect(readdirSync(gate.destination.stagingFolder)).toEqual(['0']);
    await loader.flush();
    expect(readdirSync(gate.destination.stagingFolder)).toEqual([]);
  });

  test('is cleared at the start of what a killed load left, and gone at the end', async () => {
    const { gate, loader } = await start();
    const { stagingFolder } = gate.destination;
    mkdirSync(join(stagingFolder, '0'), { recursive: true });
    writeFileSync(join(stagingFolder, '0', '0-0.jsonl'), 'left behind');
    loader.addLine(calls, line('1'), { emittedAt: 1 });
    expect(readdirSync(stagingFolder)).toEqual(['0']);
    expect(readdirSync(join(stagingFolder, '0'))).toEqual([]);
    await loader.finish();
    expect(existsSync(stagingFolder)).toBe(false);
  });
});

describe('rows of this process', () => {
  test('may hold half a character, which becomes the sign for unreadable', async () => {
    const { warehouse, loader } = await start();
    await loader.addRow('calls', { id: 'half \ud83d, whole 🙂, not an escape \\ud83d' }, 1);
    await loader.finish();
    expect(await ids(warehouse)).toEqual(['half \uFFFD, whole 🙂, not an escape \\ud83d']);
  });

  test('of a stream that was not chosen are our own mistake', async () => {
    const { loader } = await start();
    await expect(loader.addRow('nobody', { id: '1' }, 1)).rejects.toMatchObject({ area: 'bug' });
  });
});

describe('modes that cannot be kept', () => {
  const create = (catalog: ConfiguredCatalog): Promise<Loader> =>
    createWarehouse().then((warehouse) =>
      createLoader({
        destination: warehouse.open(),
        catalog,
        clock: systemClock,
        crashPoint: noCrashPoint,
        log: noLog,
      }),
    );

  test.each([
    [3, 2],
    [undefined, 1],
    [0, -1],
  ])('are refused before anything is read: generation %s with the minimum %s', async (generation, minimum) => {
    const ids = { generationId: generation, minimumGenerationId: minimum };
    const catalog = [{ ...streamOf('a', { id: text }), ...ids }, calls, { ...streamOf('b', { id: text }), ...ids }];
    await expect(create(catalog)).rejects.toMatchObject({ area: 'config', message: expect.stringContaining('a, b') });
    // Mode overwrite replaces, whatever they are.
    await expect(create([{ ...streamOf('a', { id: text }, { mode: 'overwrite' }), ...ids }])).resolves.toBeDefined();
  });

  test('are refused before anything is read: append_dedup without a key', async () => {
    await expect(create([streamOf('a', { id: text }, { key: [] })])).rejects.toMatchObject({ area: 'config' });
  });

  test('append needs no key', async () => {
    await expect(create([streamOf('a', { id: text }, { key: [], mode: 'append' })])).resolves.toBeDefined();
  });
});

describe('streams that come under way', () => {
  const named = streamOf('calls', { id: text, updated: integer, name: text });
  const columnsOf = async (warehouse: Warehouse) =>
    (
      await warehouse.read("SELECT column_name FROM duckdb_columns() WHERE table_name = 'calls' ORDER BY column_index")
    ).map((row) => row['column_name']);

  test('have their rows and tables like those that were known', async () => {
    const { warehouse, loader } = await start({ catalog: [] });
    await loader.declare(calls);
    await loader.addLine(calls, line('1'), { emittedAt: 1 });
    await loader.flush();
    await loader.declare(tiny);
    await loader.finish();
    expect(await ids(warehouse)).toEqual(['1']);
    expect(await ids(warehouse, 'tiny')).toEqual([]);
  });

  test('and change: what waits is stored as it was declared', async () => {
    const { warehouse, gate, loader } = await start({ catalog: [calls] });
    await loader.addLine(calls, line('1'), { emittedAt: 1 });
    await loader.declare(named);
    await loader.addLine(named, Buffer.from('{"id":"2","updated":1,"name":"x"}'), { emittedAt: 1 });
    await loader.finish();
    expect(gate.events.filter((event) => event.startsWith('committed'))).toEqual(['committed 1', 'committed 1']);
    expect(await warehouse.read('SELECT id, name FROM calls ORDER BY id')).toEqual([
      { id: '1', name: null },
      { id: '2', name: 'x' },
    ]);
  });

  test('and change while they are being committed: the change is made afterwards', async () => {
    const { warehouse, gate, loader } = await start({ catalog: [calls], batchRows: 1 });
    gate.shut();
    await loader.addLine(calls, line('1'), { emittedAt: 1 });
    await settle();
    expect(gate.events).toEqual(['commit asked']);
    await loader.declare(named);
    gate.release();
    await loader.finish();
    expect(await columnsOf(warehouse)).toContain('name');
  });

  test('in a mode that cannot be kept are refused', async () => {
    const { loader } = await start({ catalog: [] });
    expect(() => loader.declare(streamOf('calls', { id: text }, { key: [] }))).toThrow(
      expect.objectContaining({ area: 'config' }),
    );
  });
});

describe('batches that are alike', () => {
  test('in their records, or without any: each of their states is stored', async () => {
    const { warehouse, loader } = await start();
    for (const n of [1, 2, 3]) {
      await loader.addState('calls', { n });
      await loader.flush();
      expect((await warehouse.open().readState())?.streams).toEqual({ calls: { n } });
    }
    await loader.finish();
    expect((await warehouse.open().readState())?.seq).toBe(3);
  });

  test('but for a stream that came: its table is made', async () => {
    const { warehouse, loader } = await start({ catalog: [calls] });
    for (const stream of [calls, tiny]) {
      await loader.declare(stream);
      await loader.addState('calls', { n: 1 });
      await loader.flush();
    }
    await loader.finish();
    expect(await ids(warehouse, 'tiny')).toEqual([]);
  });
});

test('a stream that comes under way does not end the batch of the others', async () => {
  const { gate, loader } = await start({ catalog: [calls] });
  await loader.addLine(calls, line('1'), { emittedAt: 1 });
  await loader.declare(tiny);
  await loader.addLine(tiny, line('1'), { emittedAt: 1 });
  await loader.finish();
  expect(gate.events.filter((event) => event.startsWith('committed'))).toEqual(['committed 2']);
});

test('a batch is committed after so many rows, however small they are', async () => {
  const { gate, loader } = await start({ batchRows: 3 });
  for (const id of ['1', '2', '3', '4']) await loader.addLine(calls, line(id), { emittedAt: 1 });
  await loader.finish();
  expect(gate.events.filter((event) => event.startsWith('committed'))).toEqual(['committed 3', 'committed 1']);
});
