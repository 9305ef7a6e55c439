// Refreshes by generation through the executable of Airbyte’s hosts: interrupted, resumed, cancelled, and the host that numbers every run 1.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import {
  complete,
  dedup,
  generation,
  type ModesPlace,
  openModesPlace as openPlace,
  record,
  state,
  status,
  stream,
} from '../hosts/airbyte/modes-place.ts';
import type { StoredPlaceIn } from './stored-place.ts';

export function describeGenerations(name: string, placeIn: StoredPlaceIn): void {
  const openModesPlace = (config?: JsonObject) => openPlace(placeIn, config);

  const modes = [
    ['append', {}],
    ['append_dedup', dedup],
  ] as const;

  /** A place with a row of generation 41. */
  async function openWithOld(extra: object, config = {}): Promise<ModesPlace> {
    const place = await openModesPlace(config);
    const streams = [stream('calls', { ...extra, ...generation(41, 0) })];
    expect((await place.write(streams, [record('old'), state({ c: 0 }), complete])).code).toBe(0);
    return place;
  }

  const generations = 'SELECT id, _airbyte_generation_id AS g FROM calls ORDER BY id';

  describe.each(modes)(`${name}: a refresh of a stream in mode %s`, (_, extra) => {
    const refreshed = [stream('calls', { ...extra, ...generation(42) })];

    test('that is complete leaves its own generation alone', async () => {
      const place = await openWithOld(extra);
      const ended = await place.write(refreshed, [
        record('a'),
        state({ c: 1 }),
        record('b'),
        state({ c: 2 }),
        complete,
      ]);
      expect(ended).toMatchObject({ code: 0, states: [{ c: 1 }, { c: 2 }] });
      expect(await place.rows(generations)).toEqual([
        { id: 'a', g: 42 },
        { id: 'b', g: 42 },
      ]);
      expect(await place.tables()).toEqual(['calls']);
    });

    test('that brings nothing empties the table', async () => {
      const place = await openWithOld(extra);
      expect((await place.write(refreshed, [complete])).code).toBe(0);
      expect(await place.ids()).toEqual([]);
    });

    test.each([
      ['INCOMPLETE', [status('INCOMPLETE')]],
      ['no word of its end', []],
    ])('that ends with %s keeps the old rows, tells its states, and goes on with the next attempt', async (__, end) => {
      const place = await openWithOld(extra);
      const first = await place.write(refreshed, [record('a'), state({ c: 1 }), ...end]);
      expect(first).toMatchObject({ code: 1, states: [{ c: 1 }] });
      expect(await place.ids()).toEqual(['old']);
      // The source goes on behind the state that came back.
      const second = await place.write(refreshed, [record('b'), state({ c: 2 }), complete]);
      expect(second).toMatchObject({ code: 0, states: [{ c: 2 }] });
      expect(await place.ids()).toEqual(['a', 'b']);
      expect(await place.tables()).toEqual(['calls']);
    });

    test('that was killed goes on as well', async () => {
      const place = await openWithOld(extra, { batch_bytes: 1_000_000 });
      const many = Array.from({ length: 9_000 }, (__, n) => record(`a${String(n).padStart(4, '0')}`, n));
      const killed = await place.write(refreshed, [...many, state({ c: 1 }), ...many], {
        onOutput: (child, stdout) => {
          if (stdout.includes('"STATE"')) child.kill('SIGKILL');
        },
      });
      expect(killed).toMatchObject({ code: null, states: [{ c: 1 }] });
      expect(await place.ids()).toEqual(['old']);
      expect((await place.write(refreshed, [record('b'), complete])).code).toBe(0);
      const [counted] = await place.rows('SELECT count(DISTINCT id)::INTEGER AS n FROM calls');
      expect(counted).toEqual({ n: 9_001 });
    });

    test('that a newer one replaces leaves nothing', async () => {
      const place = await openWithOld(extra);
      await place.write(refreshed, [record('a'), state({ c: 1 })]);
      const newer = [stream('calls', { ...extra, ...generation(43) })];
      expect((await place.write(newer, [record('b'), state({ c: 2 }), complete])).code).toBe(0);
      expect(await place.rows(generations)).toEqual([{ id: 'b', g: 43 }]);
      expect(await place.tables()).toEqual(['calls']);
    });

    test('that was cancelled keeps all generations: what was told as stored joins the table', async () => {
      const place = await openWithOld(extra);
      await place.write(refreshed, [record('a'), record('old', 5), state({ c: 1 })]);
      const normal = [stream('calls', { ...extra, ...generation(42, 0) }, { more: { type: 'string' } })];
      const ended = await place.write(normal, [record('b', 1, 'calls', { more: 'x' }), state({ c: 2 })]);
      expect(ended).toMatchObject({ code: 0, states: [{ c: 2 }] });
      const rows = await place.rows('SELECT id, n, _airbyte_generation_id AS g, more FROM calls ORDER BY id, n');
      const old = { id: 'old', n: 1, g: 41, more: null };
      expect(rows).toEqual([
        { id: 'a', n: 1, g: 42, more: null },
        { id: 'b', n: 1, g: 42, more: 'x' },
        ...('primary_key' in extra ? [] : [old]),
        { id: 'old', n: 5, g: 42, more: null },
      ]);
      expect(await place.tables()).toEqual(['calls']);
    });

    test('takes rows without a generation for older than any', async () => {
      const place = await openModesPlace();
      await place.write([stream('calls', extra)], [record('old')]);
      expect((await place.write([stream('calls', { ...extra, ...generation(1) })], [record('a'), complete])).code).toBe(
        0,
      );
      expect(await place.ids()).toEqual(['a']);
    });

    test('of an older generation than the table has is refused', async () => {
      const place = await openWithOld(extra);
      const ended = await place.write([stream('calls', { ...extra, ...generation(40) })], [record('a'), complete]);
      expect(ended).toMatchObject({ code: 2, errors: [expect.stringContaining('generation 41')] });
      expect(await place.ids()).toEqual(['old']);
    });
  });

  describe(`${name}: a host that numbers every run 1`, () => {
    const runs = (extra: object) => [stream('calls', { ...extra, ...generation(1) })];

    test('appends, or merges, as its mode says, also without a word of the end', async () => {
      const appended = await openModesPlace();
      for (const end of [[complete], []])
        expect((await appended.write(runs({}), [record('a'), state({ c: 1 }), ...end])).code).toBe(0);
      expect(await appended.ids()).toEqual(['a', 'a']);
      const merged = await openModesPlace();
      for (const n of [1, 2]) expect((await merged.write(runs(dedup), [record('a', n), complete])).code).toBe(0);
      expect(await merged.rows('SELECT id, n FROM calls')).toEqual([{ id: 'a', n: 2 }]);
    });

    test('does so without the columns that say it', async () => {
      const place = await openModesPlace({ add_record_metadata: false });
      for (const id of ['a', 'b']) expect((await place.write(runs({}), [record(id), complete])).code).toBe(0);
      expect(await place.ids()).toEqual(['a', 'b']);
    });
  });

  describe(`${name}: a record of a deleted row`, () => {
    const cdc = [stream('calls', dedup, { _ab_cdc_deleted_at: { type: ['null', 'string'] } })];
    const deleted = (id: string, n: number) => record(id, n, 'calls', { _ab_cdc_deleted_at: '2026-01-02T03:04:05Z' });

    test('takes the row away when it is the newest of its key, in one batch and in two', async () => {
      const place = await openModesPlace();
      const ended = await place.write(cdc, [
        record('a', 1),
        record('b', 1),
        deleted('a', 2),
        record('c', 3),
        state({}),
      ]);
      expect(ended).toMatchObject({ code: 0, counts: [4] });
      expect(ended.logs.join('\n')).toContain('deleted=1');
      expect(await place.ids()).toEqual(['b', 'c']);
      // Older than what is stored: it comes late, and says nothing of the newer version.
      const late = await place.write(cdc, [deleted('c', 2), deleted('b', 2), deleted('never seen', 1)]);
      expect(late.logs.join('\n')).toMatch(/written=0 superseded=1.*deleted=2/);
      expect(await place.ids()).toEqual(['c']);
    });

    test('is a row like any other where every record is kept', async () => {
      const place = await openModesPlace();
      const appended = [stream('calls', {}, { _ab_cdc_deleted_at: { type: ['null', 'string'] } })];
      expect((await place.write(appended, [record('a', 1), deleted('a', 2)])).code).toBe(0);
      expect(await place.ids()).toEqual(['a', 'a']);
    });
  });
}
