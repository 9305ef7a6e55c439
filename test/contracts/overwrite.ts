// Mode overwrite through the executable of Airbyte’s hosts: the old rows stay for readers until all of the new ones are known to be there.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { runDestination } from '../hosts/airbyte/bins.ts';
import {
  complete,
  generation,
  type ModesPlace,
  openModesPlace as openPlace,
  overwrite,
  record,
  state,
  status,
  stream,
  traceError,
} from '../hosts/airbyte/modes-place.ts';
import { writeJson } from '../support/folder.ts';
import type { StoredPlaceIn } from './stored-place.ts';

export function describeOverwrite(name: string, placeIn: StoredPlaceIn): void {
  const openModesPlace = (config?: JsonObject) => openPlace(placeIn, config);

  /** A place whose table holds the row `old`. */
  async function openWithOld(config = {}): Promise<ModesPlace> {
    const place = await openModesPlace(config);
    expect((await place.write([stream('calls')], [record('old'), state({ c: 0 })])).code).toBe(0);
    return place;
  }

  const overwritten = [stream('calls', overwrite)];
  const rowsThatCame = [status('STARTED'), record('a'), state({ c: 1 }), record('b'), state({ c: 2 })];

  describe(`${name}: the table is replaced`, () => {
    test('when the source said that the stream is complete; every state comes back, with its count, behind the swap', async () => {
      const place = await openWithOld();
      const ended = await place.write(overwritten, [...rowsThatCame, complete]);
      expect(ended).toMatchObject({ code: 0, states: [{ c: 1 }, { c: 2 }], counts: [1, 1], errors: [] });
      expect(await place.ids()).toEqual(['a', 'b']);
      expect(await place.tables()).toEqual(['calls']);
      expect(ended.logs.join('\n')).toContain('rows_removed=1');
    });

    test('again and again, and by less, and by nothing', async () => {
      const place = await openWithOld();
      expect((await place.write(overwritten, [record('a'), record('b'), complete])).code).toBe(0);
      expect((await place.write(overwritten, [record('c'), complete])).code).toBe(0);
      expect(await place.ids()).toEqual(['c']);
      expect((await place.write(overwritten, [status('STARTED'), complete])).code).toBe(0);
      expect(await place.ids()).toEqual([]);
    });

    test('where nobody says anything, when a state was the last that came of it', async () => {
      const place = await openWithOld();
      const ended = await place.write(overwritten, [record('a'), state({ c: 1 })]);
      expect(ended).toMatchObject({ code: 0, states: [{ c: 1 }] });
      expect(await place.ids()).toEqual(['a']);
    });

    test('with the new schema alone, and whatever the generations are', async () => {
      const place = await openWithOld();
      const ids = { ...overwrite, ...generation(4, 0) };
      const changed = stream('calls', ids, { n: { type: 'string' }, more: { type: 'boolean' } });
      const line = record('a', 1, 'calls', { n: 'x', more: true });
      expect((await place.write([changed], [line, complete])).code).toBe(0);
      const described = await place.rows('DESCRIBE calls');
      expect(described.slice(0, 3).map((row) => [row['column_name'], row['column_type']])).toEqual([
        ['id', 'VARCHAR'],
        ['n', 'VARCHAR'],
        ['more', 'BOOLEAN'],
      ]);
      expect(await place.rows('SELECT id, n, _airbyte_generation_id AS g FROM calls')).toEqual([
        { id: 'a', n: 'x', g: 4 },
      ]);
      // The same ids once more: what was sent replaces it again.
      expect((await place.write([changed], [record('b', 1, 'calls', { n: 'y' }), complete])).code).toBe(0);
      expect(await place.ids()).toEqual(['b']);
    });

    test('of every stream alone: one is complete, another is not, a third is appended to', async () => {
      const place = await openModesPlace();
      const streams = [stream('calls', overwrite), stream('deals', overwrite), stream('log')];
      await place.write(
        streams.map(({ destination_sync_mode: _, ...rest }) => ({ ...rest, destination_sync_mode: 'append' })),
        [record('old'), record('old', 1, 'deals'), record('old', 1, 'log')],
      );
      const ended = await place.write(streams, [
        record('new'),
        state({ c: 1 }),
        record('new', 1, 'deals'),
        state({ d: 1 }, 'deals'),
        record('new', 1, 'log'),
        state({ l: 1 }, 'log'),
        complete,
        status('INCOMPLETE', 'deals'),
        status('COMPLETE', 'log'),
      ]);
      // What is appended is told as soon as it is stored.
      expect(ended).toMatchObject({ code: 1, states: [{ l: 1 }, { c: 1 }] });
      expect(ended.errors).toEqual([expect.stringMatching(/deals keeps its old rows.*not complete/)]);
      expect([await place.ids(), await place.ids('deals'), await place.ids('log')]).toEqual([
        ['new'],
        ['old'],
        ['new', 'old'],
      ]);
      expect(await place.tables()).toEqual(['calls', 'deals', 'log']);
    });
  });

  test(`${name}: a state that waited for the swap comes back byte for byte, with its count`, async () => {
    const place = await openWithOld();
    const sent =
      '{"type":"STATE", "state":{"id":12345678901234567890,"type":"STREAM","stream":{"stream_descriptor":{"name":"calls"},"stream_state":{"n":98765432109876543210}},"kept":[ 1 ]}}';
    const catalog = await writeJson(place.folder, 'catalog.json', { streams: overwritten });
    const ended = await runDestination(['write', '--config', place.config, '--catalog', catalog], {
      input: `${[record('a'), record('b'), sent, complete].join('\n')}\n`,
    });
    expect(ended.code).toBe(0);
    expect(ended.stdout.split('\n')).toContain(`${sent.slice(0, -2)},"destinationStats":{"recordCount":2.0}}}`);
  });

  describe(`${name}: the old rows stay, with exit code 1 and nothing told`, () => {
    test.each([
      ['the source says INCOMPLETE', [...rowsThatCame, status('INCOMPLETE')]],
      ['INCOMPLETE comes behind COMPLETE', [...rowsThatCame, complete, status('INCOMPLETE')]],
      ['the source tells an error of the stream', [...rowsThatCame, traceError('calls')]],
      ['the source tells an error of its own', [...rowsThatCame, traceError()]],
      ['the source began to tell and the input just ends', rowsThatCame],
      ['nobody tells and the last message is a record', [record('a'), state({ c: 1 }), record('b')]],
      ['a message could not be read', [record('a'), '{"type":"RECORD","record":{"stream":"calls","da', complete]],
    ])('when %s', async (_, lines) => {
      const place = await openWithOld();
      const ended = await place.write(overwritten, lines);
      expect(ended).toMatchObject({ code: 1, states: [] });
      expect(ended.errors.join()).toMatch(/stream calls keeps its old rows/i);
      expect(await place.ids()).toEqual(['old']);
      expect(await place.tables()).toEqual(['calls']);
    });

    test('when the input ends inside a line', async () => {
      const place = await openWithOld();
      const ended = await place.write(overwritten, [record('a'), state({ c: 1 }), record('b')], { cut: true });
      expect(ended).toMatchObject({ code: 1, states: [] });
      expect(await place.ids()).toEqual(['old']);
    });

    test('when the load is killed after its rows are stored; the next one begins anew', async () => {
      const place = await openWithOld({ batch_bytes: 1_000_000 });
      const many = Array.from({ length: 9_000 }, (_, n) => record(`half ${n}`, n));
      const killed = await place.write(overwritten, [...many, state({ c: 1 }), ...many, ...many, complete], {
        env: { LOG_LEVEL: 'debug' },
        onOutput: (child, stdout) => {
          if (stdout.includes('batch committed')) child.kill('SIGKILL');
        },
      });
      expect(killed).toMatchObject({ code: null, states: [] });
      expect(await place.ids()).toEqual(['old']);
      expect((await place.tables()).length).toBe(2);
      expect((await place.write(overwritten, [record('new'), state({ c: 1 }), complete])).code).toBe(0);
      expect(await place.ids()).toEqual(['new']);
      expect(await place.tables()).toEqual(['calls']);
    });

    test('with code 0 and a warning, when nothing at all came of the stream', async () => {
      const place = await openWithOld();
      const ended = await place.write(overwritten, []);
      expect(ended.code).toBe(0);
      expect(ended.logs.join('\n')).toMatch(/keeps its old rows: neither a record nor a state/);
      expect(await place.ids()).toEqual(['old']);
    });

    test('and a load in another mode removes what a killed one left beside them', async () => {
      const place = await openWithOld({ batch_bytes: 1_000_000 });
      const many = Array.from({ length: 9_000 }, (_, n) => record(`half ${n}`, n));
      await place.write(overwritten, [...many, ...many, ...many], {
        env: { LOG_LEVEL: 'debug' },
        onOutput: (child, stdout) => {
          if (stdout.includes('batch committed')) child.kill('SIGKILL');
        },
      });
      expect((await place.tables()).length).toBe(2);
      expect((await place.write([stream('calls')], [record('new')])).code).toBe(0);
      expect(await place.ids()).toEqual(['new', 'old']);
      expect(await place.tables()).toEqual(['calls']);
    });
  });

  describe(`${name}: on_missing_completion: swap`, () => {
    test.each([
      ['records and no word of their end', [record('a'), status('STARTED')], ['a']],
      ['nothing at all', [], []],
    ])('replaces by what came: %s', async (_, lines, expected) => {
      const place = await openWithOld({ on_missing_completion: 'swap' });
      expect((await place.write(overwritten, lines)).code).toBe(0);
      expect(await place.ids()).toEqual(expected);
    });

    test('but not when the source said that it is not complete', async () => {
      const place = await openWithOld({ on_missing_completion: 'swap' });
      expect((await place.write(overwritten, [record('a'), status('INCOMPLETE')])).code).toBe(1);
      expect(await place.ids()).toEqual(['old']);
    });
  });

  describe(`${name}: clearing a stream`, () => {
    test('a null state and no record empty the table; a stream beside it stays', async () => {
      const place = await openModesPlace();
      await place.write([stream('calls'), stream('deals')], [record('old'), record('old', 1, 'deals')]);
      const ended = await place.write([stream('calls', overwrite), stream('deals')], [state(null)]);
      expect(ended).toMatchObject({ code: 0, states: [null], counts: [0] });
      expect([await place.ids(), await place.ids('deals')]).toEqual([[], ['old']]);
    });

    test('a state without a blob does as well', async () => {
      const place = await openWithOld();
      const blobless = '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"calls"}}}}';
      expect((await place.write(overwritten, [blobless])).code).toBe(0);
      expect(await place.ids()).toEqual([]);
    });
  });
}
