// What a destination owes the loader that can replace tables: rows kept beside a table, swaps, versions, deletes.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ConfiguredStream } from '../../src/core/catalog.ts';
import type { Batch, Destination, Refresh, TableAction } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { createBatchMaker, integer, streamOf, text } from './batches.ts';
import type { Place } from './destination.ts';

const calls = streamOf('calls', { id: text, n: integer }, { mode: 'append', cursor: ['n'] });
const merged = streamOf('calls', { id: text, n: integer }, { cursor: ['n'] });
const one: Refresh = { key: 'load one' };
const two: Refresh = { key: 'load two' };
const generation = (number: number): Refresh => ({ key: `generation ${number}`, generation: number });

export function describeRefresh(name: string, createPlace: () => Promise<Place>): void {
  async function start() {
    const place = await createPlace();
    let number = 0;
    function open(): Destination {
      const destination = place.open();
      onTestFinished(() => destination.close());
      return destination;
    }
    let destination = open();
    /** @param rows `id` or [`id`, `n`] */
    async function commit(
      stream: ConfiguredStream,
      rows: readonly (string | [string, number])[],
      extra: {
        refresh?: Refresh;
        actions?: readonly TableAction[];
        states?: Record<string, JsonObject>;
        meta?: JsonObject;
      } = {},
    ) {
      const { refresh, actions, states, meta } = extra;
      const records = rows.map((row) => {
        const [id, n] = typeof row === 'string' ? [row, 1] : row;
        return { stream, row: { id, n }, ...(meta === undefined ? {} : { meta }) };
      });
      const empty = rows.length === 0 && actions === undefined ? [stream] : [];
      const made = createBatchMaker(destination).make(`b${number++}`, records, states, empty);
      const batch: Batch = { ...made, actions, streams: made.streams.map((staged) => ({ ...staged, refresh })) };
      const [counts] = await destination.commit(batch);
      return counts;
    }
    return {
      place,
      commit,
      swap: (refresh: Refresh, stream = calls, states: Record<string, JsonObject> = {}) =>
        commit(stream, [], { actions: [{ kind: 'swap', configured: stream, refresh }], states }),
      /** As another process would: what is kept beside a table is found again. */
      async reopen() {
        await destination.close();
        destination = open();
      },
      async ids() {
        await destination.release();
        return (await place.read('SELECT id FROM calls ORDER BY id, n')).map(({ id }) => id);
      },
      states: async () => (await destination.readState())?.streams,
    };
  }

  describe(`${name} as a destination that replaces tables`, () => {
    test('keeps rows beside the table until they are swapped in, with the state', async () => {
      const { commit, swap, ids, states } = await start();
      await commit(calls, ['old']);
      expect(await commit(calls, ['a'], { refresh: one })).toMatchObject({ written: 1, isBeside: true });
      expect(await commit(calls, ['b'], { refresh: one })).toMatchObject({ written: 1, isBeside: true });
      expect(await ids()).toEqual(['old']);
      expect(await swap(one, calls, { calls: { at: 1 } })).toMatchObject({ removed: 1 });
      expect([await ids(), await states()]).toEqual([['a', 'b'], { calls: { at: 1 } }]);
      // The table goes on as any other.
      await commit(calls, ['c']);
      expect(await ids()).toEqual(['a', 'b', 'c']);
    });

    test('swaps in nothing as well, and finds what is kept in another process', async () => {
      const { commit, swap, ids, reopen } = await start();
      await commit(calls, ['old']);
      await commit(calls, [], { refresh: one });
      await reopen();
      await swap(one);
      expect(await ids()).toEqual([]);
    });

    test('does nothing at a swap of what is not kept', async () => {
      const { commit, swap, ids } = await start();
      await commit(calls, ['old']);
      await commit(calls, ['a'], { refresh: one });
      expect((await swap(two))?.removed).toBeUndefined();
      expect(await ids()).toEqual(['old']);
    });

    test('drops what was kept under another key', async () => {
      const { commit, swap, ids } = await start();
      await commit(calls, ['old']);
      await commit(calls, ['half'], { refresh: one });
      await commit(calls, ['a'], { refresh: two });
      await swap(two);
      expect(await ids()).toEqual(['a']);
    });

    test('drops what is discarded', async () => {
      const { commit, swap, ids } = await start();
      await commit(calls, ['old']);
      await commit(calls, ['a'], { refresh: one });
      await commit(calls, [], { actions: [{ kind: 'discard', configured: calls, refresh: one }] });
      await swap(one);
      expect(await ids()).toEqual(['old']);
    });

    test('goes on with a generation in another process', async () => {
      const { commit, swap, ids, reopen } = await start();
      await commit(calls, ['old']);
      await commit(calls, ['a'], { refresh: generation(4) });
      await reopen();
      await commit(calls, ['b'], { refresh: generation(4) });
      await swap(generation(4), { ...calls, generationId: 4 });
      expect(await ids()).toEqual(['a', 'b']);
    });

    test('writes straight into a table without rows, and into one that holds the generation already', async () => {
      const { commit, swap, ids, reopen } = await start();
      const fourth = { ...calls, generationId: 4 };
      expect((await commit(fourth, ['a'], { refresh: generation(4) }))?.isBeside).not.toBe(true);
      await reopen();
      expect((await commit(fourth, ['b'], { refresh: generation(4) }))?.isBeside).not.toBe(true);
      expect((await swap(generation(4), fourth))?.removed).toBeUndefined();
      expect(await ids()).toEqual(['a', 'b']);
      expect((await commit({ ...calls, generationId: 5 }, ['c'], { refresh: generation(5) }))?.isBeside).toBe(true);
    });

    test('refuses a generation older than the one it holds', async () => {
      const { commit, ids } = await start();
      await commit({ ...calls, generationId: 4 }, ['a']);
      await expect(commit({ ...calls, generationId: 3 }, ['b'], { refresh: generation(3) })).rejects.toMatchObject({
        area: 'config',
      });
      expect(await ids()).toEqual(['a']);
    });

    test('lets rows of a generation that is given up join the table, as the mode says, and once', async () => {
      const { commit, ids, reopen } = await start();
      await commit(merged, [['both', 1], 'old', ['newer', 9]]);
      await commit(merged, [['both', 2], 'kept', ['newer', 3]], { refresh: generation(4) });
      await reopen();
      await commit(merged, ['new']);
      await commit(merged, ['more']);
      expect(await ids()).toEqual(['both', 'kept', 'more', 'new', 'newer', 'old']);
    });

    test('keeps one row per key beside a table as in it', async () => {
      const { commit, swap, ids } = await start();
      await commit(merged, ['old']);
      await commit(
        merged,
        [
          ['a', 2],
          ['a', 1],
        ],
        { refresh: one },
      );
      expect(
        await commit(
          merged,
          [
            ['a', 1],
            ['b', 1],
          ],
          { refresh: one },
        ),
      ).toMatchObject({ written: 1, superseded: 1 });
      await swap(one, merged);
      expect(await ids()).toEqual(['a', 'b']);
    });

    test('stops when another connection ended what this one keeps beside the table', async () => {
      const place = await createPlace();
      const open = (connection: string) => {
        const destination = place.open({ connection });
        onTestFinished(() => destination.close());
        const batches = createBatchMaker(destination);
        return {
          destination,
          async commit(id: string, refresh: Refresh | undefined, actions: readonly TableAction[] = []) {
            const rows = actions.length > 0 ? [] : [{ stream: calls, row: { id, n: 1 } }];
            const made = batches.make(id, rows);
            await destination.commit({
              ...made,
              actions,
              streams: made.streams.map((staged) => ({ ...staged, refresh })),
            });
            await destination.release();
          },
        };
      };
      const swap = (refresh: Refresh): TableAction => ({ kind: 'swap', configured: calls, refresh });
      const mine = open('mine');
      const theirs = open('theirs');
      await mine.commit('old', undefined);
      await mine.commit('a', one);
      await theirs.commit('b', two);
      // Rows of this one are gone: what is left of it is not all.
      await expect(mine.commit('c', one)).rejects.toMatchObject({ area: 'busy' });
      await expect(mine.commit('d', undefined, [swap(one)])).rejects.toMatchObject({ area: 'busy' });
      await mine.destination.release();
      await theirs.commit('e', undefined, [swap(two)]);
      expect(await place.read('SELECT id FROM calls')).toEqual([{ id: 'b' }]);
    });

    test('takes rows of older versions away, or marks them once', async () => {
      const versioned = { ...merged, isVersioned: true };
      const retire = (version: string, isHard: boolean) => ({
        actions: [{ kind: 'retire', configured: versioned, version, isHard } as const],
      });
      const { commit, ids, place } = await start();
      await commit(merged, ['none']);
      await commit(versioned, ['one', 'both'], { meta: { version: 1 } });
      await commit(versioned, ['both', 'two'], { meta: { version: 2 } });
      expect(await commit(versioned, [], retire('2', false))).toMatchObject({ removed: 2 });
      expect((await commit(versioned, [], retire('2', false)))?.removed).toBeUndefined();
      expect(await ids()).toEqual(['both', 'none', 'one', 'two']);
      expect(await place.read('SELECT id FROM calls WHERE _sdc_deleted_at IS NOT NULL ORDER BY id')).toEqual([
        { id: 'none' },
        { id: 'one' },
      ]);
      expect(await commit(versioned, [], retire('2', true))).toMatchObject({ removed: 2 });
      expect(await ids()).toEqual(['both', 'two']);
    });

    test('takes a row away when the newest record of its key says so', async () => {
      const deletable = {
        ...streamOf('calls', { id: text, n: integer, gone: text }, { cursor: ['n'] }),
        deletionField: 'gone',
      };
      const { place } = await start();
      const destination = place.open();
      onTestFinished(() => destination.close());
      const batches = createBatchMaker(destination);
      const row = (id: string, n: number, gone: string | null = null) => ({ stream: deletable, row: { id, n, gone } });
      await destination.commit(batches.make('a', [row('a', 1), row('b', 5), row('c', 1), row('c', 2, 'x')]));
      const [counts] = await destination.commit(
        batches.make('b', [row('a', 2, 'x'), row('b', 4, 'x'), row('d', 2), row('d', 1, 'x')]),
      );
      expect(counts).toMatchObject({ staged: 4, written: 1, deleted: 1, superseded: 2, rejected: 0 });
      await destination.release();
      expect(await place.read('SELECT id FROM calls ORDER BY id')).toEqual([{ id: 'b' }, { id: 'd' }]);
    });
  });
}
