// load_method overwrite through the executable of Singer’s hosts: a run replaces the table, once, at its end, and only when a state says that it came so far.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { runTarget, toInput } from '../hosts/singer/bins.ts';
import { deal, openModesPlace as openPlace, schema, state } from '../hosts/singer/modes-place.ts';
import type { StoredPlaceIn } from './stored-place.ts';

export function describeSingerOverwrite(name: string, placeIn: StoredPlaceIn): void {
  const openModesPlace = (config?: JsonObject) => openPlace(placeIn, config);

  async function openWithOld(settings = {}) {
    const place = await openModesPlace({ load_method: 'overwrite', ...settings });
    expect((await place.load([schema(), deal('old'), state(0)])).code).toBe(0);
    expect(await place.ids()).toEqual(['old']);
    return place;
  }

  test(`${name}: the records of a run replace the table; the last state is printed behind the swap`, async () => {
    const place = await openWithOld();
    const ended = await place.load([schema(), deal('a'), state(1), deal('b'), deal('b'), state(2)]);
    expect(ended).toMatchObject({ code: 0, stdout: '{"n":2}\n' });
    expect(ended.stderr).toContain('rows_removed=1');
    expect(await place.ids()).toEqual(['a', 'b', 'b']);
    expect(await place.tables()).toEqual(['deals']);
  });

  test(`${name}: a tap that sends no states fills a table that has no rows; what it sends later replaces nothing`, async () => {
    const place = await openModesPlace({ load_method: 'overwrite' });
    expect(await place.load([schema(), deal('a')])).toMatchObject({ code: 0, stdout: '' });
    expect(await place.ids()).toEqual(['a']);
    const ended = await place.load([schema(), deal('b')]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('on_missing_completion');
    expect(await place.ids()).toEqual(['a']);
  });

  test(`${name}: a schema that changes under way empties nothing again, and neither does another key`, async () => {
    const place = await openWithOld();
    const more = { name: { type: ['null', 'string'] } };
    const ended = await place.load([
      schema(),
      deal('a'),
      state(1),
      schema(more),
      deal('b', undefined, { name: 'x' }),
      schema(more, ['id', 'name']),
      deal('c', undefined, { name: 'y' }),
      state(2),
    ]);
    expect(ended.code).toBe(0);
    expect(await place.rows('SELECT id, name FROM deals ORDER BY id')).toEqual([
      { id: 'a', name: null },
      { id: 'b', name: 'x' },
      { id: 'c', name: 'y' },
    ]);
  });

  test(`${name}: a stream that brings nothing empties its table, when a state came behind its schema`, async () => {
    const place = await openWithOld();
    expect((await place.load([schema(), state(1)])).code).toBe(0);
    expect(await place.ids()).toEqual([]);
  });

  describe(`${name}: the table stays as it was`, () => {
    test('when the tap ends behind records without a state, as one that died; nothing is printed', async () => {
      const place = await openWithOld();
      const ended = await place.load([schema(), deal('a'), state(1), deal('b')]);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/stream deals keeps its old rows: no state came after its last record/i);
      expect(await place.ids()).toEqual(['old']);
      expect(await place.tables()).toEqual(['deals']);
    });

    test('when the last state says that the stream is still being read', async () => {
      const place = await openWithOld();
      const underWay = { type: 'STATE', value: { n: 1, currently_syncing: 'deals' } };
      const ended = await place.load([schema(), deal('a'), underWay]);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toContain('still being read');
      expect(await place.ids()).toEqual(['old']);
      const finished = { type: 'STATE', value: { n: 2, currently_syncing: null } };
      expect((await place.load([schema(), deal('a'), underWay, finished])).code).toBe(0);
      expect(await place.ids()).toEqual(['a']);
    });

    test('when the input is torn', async () => {
      const place = await openWithOld();
      const input = `${toInput([schema(), deal('a'), state(1)])}{"type":"RECORD","str`;
      expect(await runTarget(['--config', place.config], { input })).toMatchObject({ code: 1, stdout: '' });
      expect(await place.ids()).toEqual(['old']);
    });

    test('when a line cannot be taken', async () => {
      const place = await openWithOld();
      const input = `${toInput([schema(), deal('a'), state(1)])}broken\n${toInput([state(2)])}`;
      expect(await runTarget(['--config', place.config], { input })).toMatchObject({ code: 7, stdout: '' });
      expect(await place.ids()).toEqual(['old']);
    });

    test('when the tap only repeated the state that it began with, and sent a schema', async () => {
      const place = await openWithOld();
      const ended = await place.load([state(0), schema()]);
      expect(ended.code).toBe(0);
      expect(ended.stderr).toContain('neither a record nor a state of it came');
      expect(await place.ids()).toEqual(['old']);
    });

    test('when the target is killed, and the next run begins anew', async () => {
      const place = await openWithOld({ batch_size_rows: 2 });
      const killed = await place.load([schema(), deal('a'), deal('b'), deal('c'), deal('d'), state(1)], {
        env: { TARGET_DUCKDB_PARQUET_LOGLEVEL: 'debug' },
        onError: (child, stderr) => {
          if (stderr.includes('batch committed')) child.kill('SIGKILL');
        },
      });
      expect(killed.signal).toBe('SIGKILL');
      expect(await place.ids()).toEqual(['old']);
      expect((await place.load([schema(), deal('new'), state(2)])).code).toBe(0);
      expect(await place.ids()).toEqual(['new']);
      expect(await place.tables()).toEqual(['deals']);
    });
  });

  test(`${name}: on_missing_completion: swap takes the end of the input for the end of the tap`, async () => {
    const place = await openWithOld({ on_missing_completion: 'swap' });
    expect((await place.load([schema(), deal('a')])).code).toBe(0);
    expect(await place.ids()).toEqual(['a']);
  });
}
