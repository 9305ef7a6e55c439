// From staged records to typed rows: the same rules for every destination, seen through what it stores, counts and says.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CrashPoint } from '../../src/core/crash-point.ts';
import type { Destination } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { airbyteMetadata, type RecordMetadata, singerMetadata } from '../../src/tables/record-metadata.ts';
import { createBatchMaker, day, flag, integer, number, streamOf, text } from './batches.ts';

export interface Place {
  /** What destinations of this place logged: `level message`. */
  readonly logged: string[];
  open(options?: { metadata?: RecordMetadata; crashPoint?: CrashPoint }): Destination;
  read(sql: string): Promise<JsonObject[]>;
}

/** Larger than BIGINT, and larger than DECIMAL(38,0). */
const wide = '12345678901234567890';
const tooWide = '1'.repeat(39);

export function describeTyping(name: string, createPlace: () => Promise<Place>): void {
  async function start(options: { metadata?: RecordMetadata } = {}) {
    const { logged, open, read } = await createPlace();
    const destination = open(options);
    onTestFinished(() => destination.close());
    const batches = createBatchMaker(destination);
    let made = 0;
    return {
      place: {
        logged,
        async read(sql: string) {
          await destination.release();
          return await read(sql);
        },
      },
      commit: (...rows: Parameters<typeof batches.make>[1][]) =>
        destination.commit(batches.make(`b${++made}`, rows.flat())),
    };
  }

  const columnsOf = async (place: Pick<Place, 'read'>, table: string) =>
    (await place.read(`DESCRIBE ${table}`)).map((row) => `${row['column_name']} ${row['column_type']}`);

  describe(`${name} and the columns of a stream`, () => {
    test('there are none: it is refused by name, unless the host adds some', async () => {
      const stream = streamOf('bare', {}, { mode: 'append' });
      const { commit } = await start();
      await expect(commit([{ stream, row: {} }])).rejects.toMatchObject({
        area: 'config',
        message: 'stream bare declares no fields, so there is nothing to make a table of',
        fields: { stream: 'bare' },
      });
      const hosted = await start({ metadata: airbyteMetadata });
      await hosted.commit([{ stream, row: {} }]);
      expect(await hosted.place.read('SELECT count(*) AS n, count(_airbyte_raw_id) AS ids FROM bare')).toEqual([
        { n: 1, ids: 1 },
      ]);
    });

    test('all are ours: that is none', async () => {
      const stream = streamOf('bare', { __gong_elt_seq: integer, __gong_elt_anything: text }, { mode: 'append' });
      const { commit } = await start();
      await expect(commit([{ stream, row: {} }])).rejects.toMatchObject({ area: 'config' });
    });

    test('names of the host give way while it adds its own, and are a field like others when it does not', async () => {
      const stream = streamOf('t', { id: text, _airbyte_raw_id: text, _sdc_sequence: text, _sdc_deleted_at: text });
      const row = { id: '1', _airbyte_raw_id: 'theirs', _sdc_sequence: 'theirs', _sdc_deleted_at: 'then' };
      const valuesUnder = async (metadata: RecordMetadata | undefined) => {
        const { place, commit } = await start(metadata === undefined ? {} : { metadata });
        await commit([{ stream, row }]);
        const [values = {}] = await place.read('SELECT * FROM t');
        return Object.entries(values).flatMap(([column, value]) =>
          value === 'theirs' || value === 'then' ? [column] : [],
        );
      };
      expect(await valuesUnder(undefined)).toEqual(['_airbyte_raw_id', '_sdc_sequence', '_sdc_deleted_at']);
      expect(await valuesUnder(airbyteMetadata)).toEqual(['_sdc_sequence', '_sdc_deleted_at']);
      expect(await valuesUnder(singerMetadata(Date.now))).toEqual(['_airbyte_raw_id', '_sdc_deleted_at']);
    });

    test('differ from the host’s by case only: both are there', async () => {
      const stream = streamOf('t', { id: text, _AIRBYTE_RAW_ID: text });
      const { place, commit } = await start({ metadata: airbyteMetadata });
      await commit([{ stream, row: { id: '1', _AIRBYTE_RAW_ID: 'theirs' } }]);
      const [row = {}] = await place.read('SELECT * FROM t');
      expect(row['_AIRBYTE_RAW_ID_2']).toBe('theirs');
      expect(row['_airbyte_raw_id']).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('differ by case only from what we add to each record: it is read, and not mixed up', async () => {
      const stream = streamOf('t', { id: text, __GONG_ELT_SEQ: text });
      const { place, commit } = await start();
      await commit([
        { stream, row: { id: '1', __GONG_ELT_SEQ: 'theirs' } },
        { stream, row: { id: '2', __GONG_ELT_SEQ: 'theirs too' } },
      ]);
      const rows = await place.read('SELECT * FROM t ORDER BY id');
      expect(rows.map((row) => Object.values(row))).toEqual([
        ['1', 'theirs'],
        ['2', 'theirs too'],
      ]);
    });

    test('the schema lost one: it stays, NULL in new rows, also where records still carry it', async () => {
      const before = streamOf('t', { id: text, n: integer, started_at: { type: 'string', format: 'date-time' } });
      const after = streamOf('t', { id: text });
      const { place, commit } = await start();
      await commit([{ stream: before, row: { id: '1', n: 7, started_at: '2026-01-01T00:00:00Z' } }]);
      const [counts] = await commit([{ stream: after, row: { id: '2', n: 'no number', started_at: 'no time' } }]);
      expect(counts).toMatchObject({ written: 1, nulled: 0 });
      expect(await place.read('SELECT id, n, started_at IS NULL AS gone FROM t ORDER BY id')).toEqual([
        { id: '1', n: 7, gone: false },
        { id: '2', n: null, gone: true },
      ]);
      expect(place.logged).toEqual([]);
    });
  });

  describe(`${name} and values that do not fit`, () => {
    const properties = { id: text, n: integer, x: number, on: day, yes: flag };

    test('counts them all, and says so once per column', async () => {
      const stream = streamOf('t', properties);
      const { place, commit } = await start();
      const [counts] = await commit([
        { stream, row: { id: '1', n: tooWide, x: 'x', on: '2026-01-01', yes: true } },
        { stream, row: { id: '2', n: wide, x: 'x', on: 'x', yes: 'yes' } },
        { stream, row: { id: '3', n: null } },
      ]);
      expect(counts).toMatchObject({ written: 3, nulled: 5 });
      const said = (column: string, count: number) =>
        `warn stream t: ${count} values do not fit column ${column} and are NULL`;
      expect(place.logged).toEqual([said('n', 1), said('on', 1), said('x', 2), said('yes', 1)]);
    });

    test('takes them for whole numbers first: a column that can be widened loses nothing', async () => {
      const stream = streamOf('t', { id: text, n: integer, m: integer });
      const { place, commit } = await start();
      await commit([{ stream, row: { id: '1', n: wide, m: 1 } }]);
      expect(await columnsOf(place, 't')).toEqual(['id VARCHAR', 'n DECIMAL(38,0)', 'm BIGINT']);
      expect(await place.read('SELECT n::VARCHAR AS n FROM t')).toEqual([{ n: wide }]);
      expect(place.logged).toEqual([]);
    });

    test('a whole number that a DOUBLE would round makes its column text when the schema asks for numbers', async () => {
      const of = (type: JsonObject) => streamOf('t', { id: text, small: type, large: type });
      const { place, commit } = await start();
      await commit([{ stream: of(integer), row: { id: '1', small: '-9007199254740992', large: '-9007199254740993' } }]);
      await commit([{ stream: of(number), row: { id: '2', small: 0.5, large: 0.5 } }]);
      expect(await columnsOf(place, 't')).toEqual(['id VARCHAR', 'small DOUBLE', 'large VARCHAR']);
      expect(await place.read('SELECT small, large FROM t ORDER BY id')).toEqual([
        { small: -9007199254740992, large: '-9007199254740993' },
        { small: 0.5, large: '0.5' },
      ]);
    });

    test('widens the column of a field whose name gave way', async () => {
      const stream = streamOf('t', { id: text, N: integer, n: integer });
      const { place, commit } = await start();
      await commit([{ stream, row: { id: '1', N: 1, n: wide } }]);
      expect(await columnsOf(place, 't')).toEqual(['id VARCHAR', 'N BIGINT', 'n_2 DECIMAL(38,0)']);
      expect(await place.read('SELECT n_2::VARCHAR AS n FROM t')).toEqual([{ n: wide }]);
    });
  });

  describe(`${name} and a strict stream`, () => {
    const strict = (properties: JsonObject, required: string[] = []) => {
      const configured = streamOf('t', properties);
      return {
        ...configured,
        isStrict: true,
        stream: { ...configured.stream, jsonSchema: { ...configured.stream.jsonSchema, required } },
      };
    };
    const refusal = (message: string) => ({ area: 'destination', message: expect.stringContaining(message) });

    test('takes whole numbers that its column has to be widened for', async () => {
      const stream = strict({ id: text, n: integer });
      const { place, commit } = await start();
      await commit([{ stream, row: { id: '1', n: wide } }]);
      expect(await place.read('SELECT n::VARCHAR AS n FROM t')).toEqual([{ n: wide }]);
    });

    test('refuses the batch of a value that does not fit, and names the first record and the column', async () => {
      const stream = strict({ id: text, n: integer });
      const { place, commit } = await start();
      await commit([{ stream, row: { id: '1', n: 1 } }]);
      const batch = commit([
        { stream, row: { id: '2', n: wide } },
        { stream, row: { id: '3', n: 'many' } },
        { stream, row: { id: '4', n: tooWide } },
      ]);
      await expect(batch).rejects.toMatchObject(
        refusal(
          'Stream t: a value does not fit column n (DECIMAL(38,0)) in 2 records, the first is record 3 of this load',
        ),
      );
      expect(await place.read('SELECT id FROM t')).toEqual([{ id: '1' }]);
      expect(place.logged).toEqual([]);
    });

    test('refuses a required value that is missing, not one that may be null or has no type', async () => {
      const either = { type: ['null', 'integer'] };
      const stream = strict({ id: text, may: either, any: {}, must: { type: 'integer' } }, ['may', 'any', 'must']);
      const { commit } = await start();
      await commit([{ stream, row: { id: '1', must: 1 } }]);
      await expect(commit([{ stream, row: { id: '2' } }])).rejects.toMatchObject(
        refusal('the required must is missing in 1 records, the first is record 2 of this load'),
      );
      await expect(commit([{ stream, row: { id: '3', must: 'x' } }])).rejects.toMatchObject(
        refusal('a value does not fit column must (BIGINT)'),
      );
    });

    test('needs no key when it has none', async () => {
      const { commit } = await start();
      const stream = { ...streamOf('t', { id: text }, { key: [], mode: 'append' }), isStrict: true };
      expect(await commit([{ stream, row: {} }])).toMatchObject([{ written: 1 }]);
    });
  });

  test(`${name} takes the state of its first look for its own, although a commit upon it failed`, async () => {
    const place = await createPlace();
    const stream = streamOf('t', { id: text });
    const other = place.open();
    const others = createBatchMaker(other);
    await other.commit(others.make('o1', [{ stream, row: { id: '1' } }]));
    await other.release();
    let isArmed = true;
    const crashPoint = () => {
      if (isArmed) throw new Error('a planned failure');
    };
    const late = place.open({ crashPoint });
    const make = () => createBatchMaker(late).make('l1', [{ stream, row: { id: '2' } }]);
    await expect(late.commit(make())).rejects.toThrow();
    await late.release();
    await other.commit(others.make('o2', [{ stream, row: { id: '3' } }]));
    await other.release();
    isArmed = false;
    await expect(late.commit(make())).rejects.toMatchObject({ area: 'busy' });
    await late.release();
    expect(await place.read('SELECT id FROM t ORDER BY id')).toEqual([{ id: '1' }, { id: '3' }]);
    await Promise.all([other.close(), late.close()]);
  });
}
