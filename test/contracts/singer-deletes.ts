// Rows that are deleted at their source, through the executable of Singer’s hosts: by versions of a table, and by a mark in the record.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { activate, deal, openModesPlace as openPlace, schema, state } from '../hosts/singer/modes-place.ts';
import type { StoredPlaceIn } from './stored-place.ts';

export function describeSingerDeletes(name: string, placeIn: StoredPlaceIn): void {
  const openModesPlace = (config?: JsonObject) => openPlace(placeIn, config);

  const kinds = [
    ['hard', { hard_delete: true }],
    ['soft', {}],
  ] as const;
  const metadata = [
    ['with the metadata columns', { add_record_metadata: true }],
    ['without them', {}],
  ] as const;

  /** Rows that are not marked as deleted. */
  const live = async (place: Awaited<ReturnType<typeof openModesPlace>>, kind: string) =>
    kind === 'hard' ? await place.ids() : await place.ids('_sdc_deleted_at IS NULL');

  describe.each(kinds)(`${name}: ACTIVATE_VERSION, %s`, (kind, settings) => {
    describe.each(metadata)('%s', (_, columns) => {
      test.each([
        ['before the records', [schema(), activate(2), deal('b', 2), deal('c', 2), state(2)]],
        ['behind them', [schema(), deal('b', 2), deal('c', 2), activate(2)]],
        ['before and behind', [schema(), activate(2), deal('b', 2), state(1), deal('c', 2), activate(2), state(2)]],
        ['in another case', [schema(), deal('b', 2), deal('c', 2), activate(2, 'deals', 'activate_version')]],
      ])('%s: rows of older versions, and of none, go', async (__, messages) => {
        const place = await openModesPlace({ ...settings, ...columns });
        expect((await place.load([schema(), deal('none')])).code).toBe(0);
        expect((await place.load([schema(), deal('a', 1), deal('b', 1), activate(1), state(1)])).code).toBe(0);
        expect(await live(place, kind)).toEqual(['a', 'b']);
        const ended = await place.load(messages);
        expect(ended.code, ended.stderr).toBe(0);
        expect(ended.stderr).toContain('rows_removed=1');
        expect(await live(place, kind)).toEqual(['b', 'c']);
        expect(await place.ids()).toEqual(kind === 'hard' ? ['b', 'c'] : ['a', 'b', 'c', 'none']);
      });

      test('of a stream without records: all rows go', async () => {
        const place = await openModesPlace({ ...settings, ...columns });
        await place.load([schema(), deal('a', 1), deal('b', 1), activate(1), state(1)]);
        expect((await place.load([schema(), activate(2), state(2)])).code).toBe(0);
        expect(await live(place, kind)).toEqual([]);
      });
    });

    test('of a stream whose records came, and no state behind them: the tap may have died, so nothing goes', async () => {
      const place = await openModesPlace(settings);
      await place.load([schema(), deal('a', 1), activate(1), state(1)]);
      const ended = await place.load([schema(), activate(2), deal('b', 2)]);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/keeps its old rows/);
      expect(await place.ids(kind === 'hard' ? 'true' : '_sdc_table_version = 1')).toContain('a');
      expect((await place.load([schema(), activate(3), deal('b', 3), state(3)])).code).toBe(0);
      expect(await live(place, kind)).toEqual(['b']);
    });

    test('is left alone when nobody wants it, and of a stream that was never declared', async () => {
      const place = await openModesPlace({ ...settings, process_activate_version_messages: false });
      expect((await place.load([schema(), deal('a', 1), activate(1), state(1)])).code).toBe(0);
      expect((await place.load([schema(), deal('b', 2), activate(2), activate(2, 'other'), state(2)])).code).toBe(0);
      expect(await place.ids()).toEqual(['a', 'b']);
      expect(await place.tables()).toEqual(['deals']);
    });

    test('is left alone, with a warning, when the records carry no version', async () => {
      const place = await openModesPlace(settings);
      const ended = await place.load([schema(), deal('a'), state(1), activate(1)]);
      expect(ended).toMatchObject({ code: 0, stdout: '{"n":1}\n' });
      expect(ended.stderr).toContain('its records carry no version');
      expect(ended.stderr).not.toMatch(/error|exception/i);
      expect(await place.ids()).toEqual(['a']);
    });

    test('gives records without a version the one that was made the live one before them', async () => {
      const place = await openModesPlace(settings);
      expect((await place.load([schema(), activate(1), deal('a'), state(1)])).code).toBe(0);
      expect(await live(place, kind)).toEqual(['a']);
    });

    test('works on a schema that changes under way', async () => {
      const place = await openModesPlace(settings);
      await place.load([schema(), deal('a', 1), activate(1), state(1)]);
      const more = { name: { type: ['null', 'string'] } };
      const second = [schema(), deal('b', 2), schema(more), deal('c', 2, { name: 'x' }), activate(2), state(2)];
      expect((await place.load(second)).code).toBe(0);
      expect(await live(place, kind)).toEqual(['b', 'c']);
    });
  });

  test(`${name}: a row that was marked before keeps its mark, and one that comes again loses it`, async () => {
    const place = await openModesPlace();
    const marks = () => place.rows('SELECT id, epoch_ms(_sdc_deleted_at) AS at FROM deals ORDER BY id');
    await place.load([schema(), deal('a', 1), deal('b', 1), deal('c', 1), activate(1), state(1)]);
    await place.load([schema(), deal('c', 2), activate(2), state(2)]);
    const [a, b, c] = await marks();
    expect([typeof a?.['at'], b?.['at'], c?.['at']]).toEqual(['number', a?.['at'], null]);
    const ended = await place.load([schema(), deal('a', 3), activate(3), state(3)]);
    expect(ended.stderr).toContain('rows_removed=1');
    const [again, same, gone] = await marks();
    expect([again?.['at'], same?.['at']]).toEqual([null, b?.['at']]);
    expect(Number(gone?.['at'])).toBeGreaterThan(Number(b?.['at']));
  });

  describe(`${name}: a record with _sdc_deleted_at`, () => {
    const own = { _sdc_deleted_at: { type: ['null', 'string'], format: 'date-time' } };
    const gone = (id: string) => deal(id, undefined, { _sdc_deleted_at: '2026-01-02T03:04:05Z' });

    test('takes the row away, with hard_delete', async () => {
      const place = await openModesPlace({ hard_delete: true });
      const ended = await place.load([schema(own), deal('a'), deal('b'), gone('b'), state(1)]);
      expect(ended).toMatchObject({ code: 0, stdout: '{"n":1}\n' });
      expect(ended.stderr).toContain('deleted=1');
      expect(await place.ids()).toEqual(['a']);
      expect((await place.load([schema(own), gone('a'), state(2)])).code).toBe(0);
      expect(await place.ids()).toEqual([]);
    });

    test('marks it otherwise, where there are metadata columns', async () => {
      const place = await openModesPlace({ add_record_metadata: true });
      expect((await place.load([schema(own), deal('a'), deal('b'), gone('b'), state(1)])).code).toBe(0);
      expect(await place.ids()).toEqual(['a', 'b']);
      expect(await place.ids('_sdc_deleted_at IS NULL')).toEqual(['a']);
    });
  });
}
