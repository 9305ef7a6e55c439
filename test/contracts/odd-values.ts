// Values and names that real sources send and that a loader is tempted to change: whatever the type cannot say is NULL and
// counted, or makes the column wider. Every destination keeps the same.
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { airbyteMetadata, singerMetadata } from '../../src/tables/record-metadata.ts';
import { createBatchMaker, integer, number, type StagedRow, streamOf, text } from './batches.ts';
import type { Place } from './typing.ts';

const cents = { type: ['null', 'number'], 'x-decimal': { scale: 2 } };
const fourDigits = { type: ['null', 'number'], 'x-decimal': { scale: 4 } };
const open = { type: ['null', 'string'], 'x-decimal': {} };
const ofFormat = (format: string, airbyte_type?: string) => ({
  type: ['null', 'string'],
  format,
  ...(airbyte_type === undefined ? {} : { airbyte_type }),
});

export function describeOddValues(name: string, createPlace: () => Promise<Place>): void {
  async function start(options: Parameters<Place['open']>[0] = {}) {
    const place = await createPlace();
    const destination = place.open(options);
    onTestFinished(() => destination.close());
    const batches = createBatchMaker(destination);
    let number = 0;
    return {
      place,
      async commit(rows: readonly StagedRow[]) {
        try {
          return await destination.commit(batches.make(`b${++number}`, rows));
        } finally {
          await destination.release();
        }
      },
    };
  }

  /** What becomes of `values` in a column of this type. */
  async function stored(definition: JsonObject, values: readonly JsonValue[]) {
    const { place, commit } = await start();
    const stream = streamOf('t', { id: integer, v: definition });
    const [counts] = await commit(values.map((v, id) => ({ stream, row: { id, v } })));
    const rows = await place.read('SELECT v::VARCHAR AS v, typeof(v) AS type FROM t ORDER BY id');
    return { values: rows.map(({ v }) => v), type: rows[0]?.['type'], counts };
  }

  describe(`${name} and texts that are kinder than a type`, () => {
    test('L5 dates: a whole date, or a moment at its midnight', async () => {
      const { values, counts } = await stored(ofFormat('date'), [
        '2026-01-01',
        '2026-01-01T00:00:00Z',
        '2026-01-01abc',
        '2026-01-01T23:30:00-07:00',
        '2026-1-1',
        ' 2026-01-01',
        '2026-02-30',
      ]);
      expect(values).toEqual(['2026-01-01', '2026-01-01', null, null, null, null, null]);
      expect(counts).toMatchObject({ nulled: 5 });
    });

    test('L5 times: a whole time; an offset belongs to another type', async () => {
      const { values, counts } = await stored(ofFormat('time'), [
        '10:00:00',
        '10:00',
        '10:00:00Z',
        '10:00:00.5',
        '10:00:00 PM',
        '10:00:00+02:00',
        '25:00:00',
      ]);
      expect(values).toEqual(['10:00:00', '10:00:00', '10:00:00', '10:00:00.5', null, null, null]);
      expect(counts).toMatchObject({ nulled: 3 });
    });

    test('L7 times with a zone: what stands without one, or with a Z, is in UTC', async () => {
      const values = ['01:23:45Z', '01:23:45z', '01:23:45', '01:23:45-08:00', 'noon'];
      const { place, commit } = await start();
      const stream = streamOf('t', { id: integer, v: ofFormat('time', 'time_with_timezone') });
      const [counts] = await commit(values.map((v, id) => ({ stream, row: { id, v } })));
      const rows = await place.read('SELECT v::TIMETZ::VARCHAR AS v FROM t ORDER BY id');
      const inUtc = (v: unknown) => (v === '09:23:45+00' ? '01:23:45-08' : v);
      expect(rows.map(({ v }) => inUtc(v))).toEqual(['01:23:45+00', '01:23:45+00', '01:23:45+00', '01:23:45-08', null]);
      expect(counts).toMatchObject({ nulled: 1 });
    });

    test('L16 instants: RFC 3339 in any case, a date, a missing zone; nothing else', async () => {
      const { values, counts } = await stored(ofFormat('date-time'), [
        '2026-01-01t10:00:00z',
        '2026-01-01T10:00Z',
        '2026-01-01 10:00:00',
        '2026-01-01T10:00:00+0200',
        '2026-01-01 10:00:00 UTC',
        '2026-01-01',
        '2026-01-01T10:00:00 America/New_York',
        '2026-01-01T10:00:00Zulu',
        '01/02/2026',
      ]);
      expect(values).toEqual([
        '2026-01-01 10:00:00+00',
        '2026-01-01 10:00:00+00',
        '2026-01-01 10:00:00+00',
        '2026-01-01 08:00:00+00',
        '2026-01-01 10:00:00+00',
        '2026-01-01 00:00:00+00',
        null,
        null,
        null,
      ]);
      expect(counts).toMatchObject({ nulled: 3, rounded: 0 });
    });

    test('moments without a zone: an offset would be lost', async () => {
      const { values, counts } = await stored(ofFormat('date-time', 'timestamp_without_timezone'), [
        '2026-01-01T10:00:00',
        '2026-01-01T10:00:00+02:00',
      ]);
      expect(values).toEqual(['2026-01-01 10:00:00', null]);
      expect(counts).toMatchObject({ nulled: 1 });
    });

    test('L16 whole numbers: no zeros before them', async () => {
      const { values, counts } = await stored(integer, ['12', '0012', '-0', '007', '0']);
      expect(values).toEqual(['12', null, '0', null, '0']);
      expect(counts).toMatchObject({ nulled: 2 });
    });
  });

  describe(`${name} and the digits of numbers`, () => {
    test('L2 whole numbers beyond 2^53 in a column of numbers are one key each', async () => {
      const keys = ['9007199254740992', '9007199254740993', '6031832573293743752', '6031832573293743753'];
      const stream = streamOf('t', { id: number, n: text });
      const { place, commit } = await start();
      await commit([{ stream, row: { id: '7', n: 'seven' } }]);
      await commit(keys.map((id) => ({ stream, row: { id, n: id } })));
      await commit([{ stream, row: { id: '7.0', n: 'seven again' } }]);
      expect(await place.read('SELECT id::VARCHAR AS id, n FROM t ORDER BY t.id')).toEqual([
        { id: '7', n: 'seven again' },
        ...['9007199254740992', '9007199254740993', '6031832573293743752', '6031832573293743753'].map((id) => ({
          id,
          n: id,
        })),
      ]);
    });

    test('what 38 digits cannot hold is text, one spelling for each number', async () => {
      const stream = streamOf('t', { id: number });
      const { place, commit } = await start();
      await commit([
        { stream, row: { id: '1.5' } },
        { stream, row: { id: '2' } },
      ]);
      await commit([
        { stream, row: { id: '1'.repeat(39) } },
        { stream, row: { id: '1.50' } },
        { stream, row: { id: '2.0' } },
      ]);
      expect(await place.read('SELECT id FROM t ORDER BY id')).toEqual([
        { id: '1.5' },
        { id: '1'.repeat(39) },
        { id: '2' },
      ]);
    });

    test('a fraction that a DOUBLE would change is rounded, and counted', async () => {
      const exact = ['0.1', '0.8333333333333334', '1e22', '-2.5e-7', '1.50'];
      const changed = ['0.12345678901234567890', '12345678901234567890.5'];
      const { counts, type } = await stored(number, [...exact, ...changed]);
      expect([type, counts?.rounded, counts?.nulled]).toEqual(['DOUBLE', 2, 0]);
    });

    test('so are nanoseconds', async () => {
      const moments = ['2026-01-01T10:00:00.123456Z', '2026-01-01T10:00:00.123456000Z', '2026-01-01T10:00:00.1234567Z'];
      const { counts } = await stored(ofFormat('date-time'), moments);
      expect(counts).toMatchObject({ rounded: 1, nulled: 0 });
    });

    test('Airbyte reads in its column which value was rounded', async () => {
      const { place, commit } = await start({ metadata: airbyteMetadata });
      const stream = streamOf('t', { id: integer, v: number });
      await commit([
        { stream, row: { id: 1, v: '0.12345678901234567890' } },
        { stream, row: { id: 2, v: 0.5 } },
      ]);
      const change = { field: 'v', change: 'TRUNCATED', reason: 'DESTINATION_FIELD_SIZE_LIMITATION' };
      const rows = await place.read(`SELECT _airbyte_meta->'changes' AS c FROM t ORDER BY id`);
      expect(rows.map(({ c }) => JSON.parse(String(c)))).toEqual([[change], []]);
    });

    test('L4 decimals follow the schema, and never round', async () => {
      const of = (definition: JsonObject) => streamOf('t', { id: integer, p: definition });
      const { place, commit } = await start();
      const [first] = await commit([
        { stream: of(cents), row: { id: 1, p: 1.25 } },
        { stream: of(cents), row: { id: 2, p: 1.005 } },
      ]);
      expect(first).toMatchObject({ nulled: 1 });
      await commit([{ stream: of(fourDigits), row: { id: 3, p: 0.0049 } }]);
      await commit([{ stream: of(cents), row: { id: 4, p: `${'9'.repeat(35)}.5` } }]);
      expect(await place.read('SELECT id, p::VARCHAR AS p FROM t ORDER BY id')).toEqual([
        { id: 1, p: '1.25' },
        { id: 2, p: null },
        { id: 3, p: '0.0049' },
        { id: 4, p: `${'9'.repeat(35)}.5` },
      ]);
    });

    test('L4 a decimal whose digits the schema leaves open grows with them', async () => {
      expect(await stored(open, ['0.000000000001', '12', '1e-12'])).toMatchObject({
        type: 'DECIMAL(38,12)',
        values: ['0.000000000001', '12.000000000000', '0.000000000001'],
      });
      expect(await stored(open, [`0.${'0'.repeat(39)}1`, '5.10'])).toMatchObject({
        type: 'VARCHAR',
        values: [`0.${'0'.repeat(39)}1`, '5.1'],
      });
    });

    test('L4 a column of doubles becomes one of decimals with all their digits', async () => {
      const of = (definition: JsonObject) => streamOf('t', { id: integer, p: definition });
      const { place, commit } = await start();
      await commit([{ stream: of(number), row: { id: 1, p: 0.123 } }]);
      await commit([{ stream: of(cents), row: { id: 2, p: 1.25 } }]);
      expect(await place.read('SELECT p::VARCHAR AS p, typeof(p) AS type FROM t ORDER BY id')).toEqual([
        { p: '0.123', type: 'DECIMAL(38,3)' },
        { p: '1.250', type: 'DECIMAL(38,3)' },
      ]);
    });
  });

  describe(`${name} and the order of versions`, () => {
    const nested = (definition: JsonObject) => ({ type: ['null', 'object'], properties: { n: definition } });
    const versions = (definition: JsonObject, values: readonly JsonValue[]) => {
      const stream = streamOf('t', { id: integer, v: text, c: nested(definition) }, { cursor: ['c', 'n'] });
      return values.map((n, index): StagedRow => ({ stream, row: { id: 1, v: String(index), c: { n } } }));
    };

    test.each<[string, JsonObject, JsonValue[], string]>([
      ['whole numbers', integer, [9, 10, 2], '1'],
      ['numbers', number, [0.9, 10.5, 2], '1'],
      [
        'instants',
        ofFormat('date-time'),
        ['2026-01-01T00:30:00+02:00', '2025-12-31T23:00:00Z', '2026-01-01T00:00:00+05:00'],
        '1',
      ],
      ['texts', text, ['9', '10', '2'], '0'],
      ['several types, which have none: the last to come', { type: ['integer', 'string'] }, [9, 10, 2], '2'],
    ])('L6 a nested cursor is compared by its type: %s', async (_, definition, values, newest) => {
      for (const cut of [1, 2, 3]) {
        const { place, commit } = await start();
        await commit(versions(definition, values).slice(0, cut));
        await commit(versions(definition, values).slice(cut));
        expect(await place.read('SELECT v FROM t')).toEqual([{ v: newest }]);
      }
    });

    test('L12 is one, wherever batches end', async () => {
      const version = fc.record({
        id: fc.integer({ min: 1, max: 3 }),
        c: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
        at: fc.integer({ min: 1000, max: 1003 }),
        endsBatch: fc.boolean(),
      });
      const setting = fc.record({
        versions: fc.array(version, { minLength: 1, maxLength: 12 }),
        hasCursor: fc.boolean(),
        keepsTime: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(setting, async ({ versions, hasCursor, keepsTime }) => {
          const stream = streamOf('t', { id: integer, c: integer, v: text }, { cursor: hasCursor ? ['c'] : [] });
          const { place, commit } = await start(keepsTime ? { metadata: singerMetadata(() => 5000) } : {});
          let rows: StagedRow[] = [];
          const newest = new Map<number, { rank: number[]; v: string }>();
          for (const [index, { id, c, at, endsBatch }] of versions.entries()) {
            const v = String(index);
            rows.push({ stream, row: { id, c, v }, emittedAt: at, meta: { has_time: true, received_at: 5000 } });
            const rank = [hasCursor ? (c ?? -1) : 0, keepsTime ? at : 0];
            const known = newest.get(id);
            const isOlder =
              known !== undefined &&
              (known.rank[0] !== rank[0]
                ? (rank[0] as number) < (known.rank[0] as number)
                : (rank[1] as number) < (known.rank[1] as number));
            if (!isOlder) newest.set(id, { rank, v });
            if (!endsBatch && index < versions.length - 1) continue;
            await commit(rows);
            rows = [];
          }
          const found = await place.read('SELECT id, v FROM t ORDER BY id');
          const meant = [...newest].sort(([a], [b]) => a - b).map(([id, { v }]) => ({ id, v }));
          expect(found).toEqual(meant);
        }),
        { numRuns: 25 },
      );
    });
  });

  describe(`${name} and names`, () => {
    test('L1 of columns that an engine has of its own shadow nothing', async () => {
      const names = ['rowid', 'rowId', 'tableoid', 'file_index', 'k1', 'w0', 'n0'];
      const stream = streamOf('t', { id: integer, ...Object.fromEntries(names.map((field) => [field, integer])) });
      const row = (id: number, value: number): StagedRow => ({
        stream,
        row: { id, ...Object.fromEntries(names.map((field) => [field, value])) },
      });
      const { place, commit } = await start();
      await commit([row(1, 2), row(2, 3), row(3, 4), row(4, 1)]);
      await commit([row(1, 20), row(3, 40)]);
      const rows = await place.read('SELECT * FROM t ORDER BY id');
      expect(rows.map((found) => Object.values(found).slice(0, 2))).toEqual([
        [1, 20],
        [2, 3],
        [3, 40],
        [4, 1],
      ]);
    });

    test.each(['temp', 'system', 'memory', 'main', 'pg_catalog', 'information_schema', '_gong_elt', 'warehouse'])(
      'L8 a schema called %s is one like any other',
      async (namespace) => {
        const { place, commit } = await start();
        const stream = streamOf('t', { id: integer, v: text }, { namespace });
        await commit([{ stream, row: { id: 1, v: 'a' } }]);
        await commit([{ stream, row: { id: 1, v: 'b' } }]);
        const [found] = await place.read(
          `SELECT table_catalog AS c, table_schema AS s FROM information_schema.tables WHERE table_name = 't'`,
        );
        expect(await place.read(`SELECT v FROM "${found?.['c']}"."${found?.['s']}".t`)).toEqual([{ v: 'b' }]);
      },
    );

    test('L3 L10 two streams with one name never share a table', async () => {
      const { place, commit } = await start();
      const of = (origin: string | undefined, key: string): StagedRow => {
        const configured = streamOf('calls', { [key]: integer, v: text }, { key: [[key]], namespace: 'public' });
        return {
          stream: { ...configured, stream: { ...configured.stream, origin } },
          row: { [key]: 1, v: `${origin} by ${key}` },
        };
      };
      await commit([of(undefined, 'call_id')]);
      const refusal = (message: string) => ({ area: 'config', message: expect.stringContaining(message) });
      // Told by the preflight, too: before anything is bought.
      const other = place.open();
      onTestFinished(() => other.close());
      const told = other.preflight([of(undefined, 'id').stream]);
      await expect(told).rejects.toMatchObject(refusal('stream calls (key id) would be stored in'));
      await expect(commit([of(undefined, 'id')])).rejects.toMatchObject(
        refusal('stream calls (key id) would be stored in'),
      );
      await expect(commit([of(undefined, 'id')])).rejects.toMatchObject(
        refusal('which holds the stream calls (key call_id)'),
      );
      await expect(commit([of('emea-public-calls', 'call_id')])).rejects.toMatchObject(
        refusal('stream emea-public-calls (key call_id)'),
      );
      expect(await place.read('SELECT v FROM public.calls')).toEqual([{ v: 'undefined by call_id' }]);
    });

    test('a key that changes inside one stream is taken', async () => {
      const { place, commit } = await start();
      const of = (key: string) => streamOf('t', { a: integer, b: integer, v: text }, { key: [[key]] });
      await commit([{ stream: of('a'), row: { a: 1, b: 1, v: 'one' } }]);
      await commit([{ stream: of('b'), row: { a: 2, b: 1, v: 'two' } }]);
      await commit([{ stream: of('b'), row: { a: 3, b: 2, v: 'three' } }]);
      expect(await place.read('SELECT v FROM t ORDER BY v')).toEqual([{ v: 'three' }, { v: 'two' }]);
    });
  });
}
