// From staged records to typed rows: the same rules for every destination, seen through what it stores, counts and says.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CrashPoint } from '../../src/core/crash-point.ts';
import type { Destination } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { airbyteMetadata, type RecordMetadata, singerMetadata } from '../../src/tables/record-metadata.ts';
import { createBatchMaker, day, flag, instant, integer, number, streamOf, text } from './batches.ts';

export interface Place {
  /** What destinations of this place logged: `level message`. */
  readonly logged: string[];
  open(options?: { metadata?: RecordMetadata; crashPoint?: CrashPoint }): Destination;
  read(sql: string): Promise<JsonObject[]>;
}

/** Larger than BIGINT. */
const wide = '12345678901234567890';

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
      expect(rows).toEqual([
        { id: '1', __GONG_ELT_SEQ_2: 'theirs' },
        { id: '2', __GONG_ELT_SEQ_2: 'theirs too' },
      ]);
    });

    test('are called like what our SQL and its readers call their own', async () => {
      const names = [
        'seq',
        'cursor',
        'emitted_at',
        'k0',
        'r0',
        'v0',
        's',
        'e',
        'm',
        'w',
        't',
        'old',
        'newer',
        'filename',
      ];
      const theirs = [...names, 'file_row_number', 'extracted_at', 'json', 'c0', 'rows', 'sum'];
      const stream = streamOf('t', { id: text, updated: integer, ...Object.fromEntries(theirs.map((n) => [n, text])) });
      const { place, commit } = await start();
      const row = (id: string, updated: number, value: string) => ({
        stream,
        row: { id, updated, ...Object.fromEntries(theirs.map((field) => [field, `${value} ${field}`])) },
      });
      await commit([row('1', 1, 'a'), row('2', 1, 'b'), row('2', 0, 'older b')]);
      await commit([row('1', 2, 'c'), row('2', 0, 'outdated'), row('3', 1, 'd')]);
      const rows = await place.read('SELECT * FROM t ORDER BY id');
      expect(rows.map((stored) => Object.values(stored).slice(2))).toEqual(
        ['c', 'b', 'd'].map((value) => theirs.map((field) => `${value} ${field}`)),
      );
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
        { stream, row: { id: '1', n: 1.5, x: 'x', on: '2026-01-01', yes: true } },
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

    test('a whole number that a DOUBLE would round makes its column DECIMAL when the schema asks for numbers', async () => {
      const of = (type: JsonObject) => streamOf('t', { id: text, small: type, large: type, huge: type });
      const { place, commit } = await start();
      await commit([
        { stream: of(integer), row: { id: '1', small: '-9007199254740992', large: '-9007199254740993', huge: wide } },
      ]);
      await commit([{ stream: of(number), row: { id: '2', small: 0.5, large: 0.5, huge: 0.5 } }]);
      expect(await columnsOf(place, 't')).toEqual([
        'id VARCHAR',
        'small DOUBLE',
        'large DECIMAL(38,1)',
        'huge DECIMAL(38,1)',
      ]);
      expect(await place.read('SELECT small, large, huge FROM t ORDER BY id')).toEqual([
        { small: -9007199254740992, large: '-9007199254740993.0', huge: `${wide}.0` },
        { small: 0.5, large: '0.5', huge: '0.5' },
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

  describe(`${name} and values at the edge of their type`, () => {
    test('numbers: what a DOUBLE holds, and nothing infinite; whole numbers by their digits alone', async () => {
      const stream = streamOf('t', { id: text, x: number, n: integer });
      const { place, commit } = await start();
      const [counts] = await commit([
        { stream, row: { id: '1', x: '1.7976931348623157e308', n: '9223372036854775807' } },
        { stream, row: { id: '2', x: '1e309', n: '7.' } },
        { stream, row: { id: '3', x: '-inf', n: '7.00' } },
        { stream, row: { id: '4', x: 'nan', n: '+7' } },
      ]);
      expect(counts).toMatchObject({ written: 4, nulled: 5 });
      expect(await place.read('SELECT x, n::VARCHAR AS n FROM t ORDER BY id')).toEqual([
        { x: 1.7976931348623157e308, n: '9223372036854775807' },
        { x: null, n: null },
        { x: null, n: '7' },
        { x: null, n: null },
      ]);
    });

    test('days and instants: from the first of year 1 to the last of year 9999', async () => {
      const stream = streamOf('t', { id: text, at: instant, on: day });
      const row = (id: string, at: string, on: string) => ({ stream, row: { id, at, on } });
      const { place, commit } = await start();
      const [counts] = await commit([
        row('1', '0001-01-01T00:00:00Z', '0001-01-01'),
        row('2', '9999-12-31T23:59:59.999999Z', '9999-12-31'),
        row('3', '0001-01-01T00:00:00+00:01', '0000-12-31'),
        row('4', '9999-12-31T23:59:59-00:01', '10000-01-01'),
      ]);
      expect(counts).toMatchObject({ written: 4, nulled: 4 });
      expect(await place.read('SELECT "at"::VARCHAR AS "at", "on"::VARCHAR AS "on" FROM t ORDER BY id')).toEqual([
        { at: '0001-01-01 00:00:00+00', on: '0001-01-01' },
        { at: '9999-12-31 23:59:59.999999+00', on: '9999-12-31' },
        { at: null, on: null },
        { at: null, on: null },
      ]);
    });

    test('true and false, and no other word for them', async () => {
      const stream = streamOf('t', { id: text, yes: flag });
      const { place, commit } = await start();
      const values = [true, false, 'true', 'TRUE', '1', 1, 'no'];
      const [counts] = await commit(values.map((yes, n) => ({ stream, row: { id: String(n), yes } })));
      expect(counts).toMatchObject({ nulled: 4 });
      const rows = await place.read('SELECT yes FROM t ORDER BY id');
      expect(rows.map(({ yes }) => yes)).toEqual([true, false, true, null, null, null, null]);
    });

    test('records of more than the reader’s buffer, whatever their length', async () => {
      const stream = streamOf('t', { id: text, body: text });
      const { place, commit } = await start();
      const mebibyte = 1024 * 1024;
      const lengths = [mebibyte - 100, mebibyte, 3 * mebibyte + 1];
      for (const [n, length] of lengths.entries())
        await commit([{ stream, row: { id: String(n), body: 'x'.repeat(length) } }]);
      const rows = await place.read('SELECT length(body) AS n FROM t ORDER BY id');
      expect(rows.map(({ n }) => n)).toEqual(lengths);
    });
  });

  describe(`${name} and the reader for records that the fast one does not take`, () => {
    const list = { type: 'array', 'x-columns': 'closed', items: { type: 'object', properties: { n: integer } } };

    test('finds fields by any name, and knows null from a text', async () => {
      const names = ['~', '/', '~1', 'a/b~c', '~0/'];
      // The twins make the fast reader unfit.
      const properties = { id: text, ID: text, open: {}, ...Object.fromEntries(names.map((field) => [field, text])) };
      const stream = streamOf('t', properties);
      const { place, commit } = await start();
      const values = Object.fromEntries(names.map((field) => [field, `value of ${field}`]));
      const [counts] = await commit([
        { stream, row: { id: '1', ID: 'x', open: null, ...values } },
        { stream, row: { id: '2', ID: null, open: 'null', '~': null } },
      ]);
      expect(counts).toMatchObject({ written: 2, nulled: 0 });
      const [first = {}] = await place.read('SELECT * FROM t WHERE open IS NULL');
      expect(first).toMatchObject(values);
      expect(await place.read('SELECT open::VARCHAR AS open, "~" IS NULL AS n FROM t WHERE open IS NOT NULL')).toEqual([
        { open: '"null"', n: true },
      ]);
    });

    test('counts nested values that do not fit, and widens columns as the fast one does', async () => {
      const stream = streamOf('t', { id: text, n: integer, list });
      const { place, commit } = await start();
      const [counts] = await commit([
        { stream, row: { id: '1', n: wide, list: [{ n: 1 }] } },
        // This one makes the fast reader refuse the file.
        { stream, row: { id: '2', n: 2, list: 'a sentence' } },
        { stream, row: { id: '3', n: 3, list: null } },
      ]);
      expect(counts).toMatchObject({ written: 3, nulled: 1 });
      expect(place.logged).toEqual(['warn stream t: 1 values do not fit column list and are NULL']);
      expect(await place.read('SELECT n::VARCHAR AS n, list::VARCHAR AS list FROM t ORDER BY id')).toEqual([
        { n: wide, list: "[{'n': 1}]" },
        { n: '2', list: null },
        { n: '3', list: null },
      ]);
    });

    test('a staging file that lost a record is noticed, and nothing is stored', async () => {
      const stream = streamOf('t', { id: text });
      const place = await createPlace();
      const destination = place.open();
      onTestFinished(() => destination.close());
      const batch = createBatchMaker(destination).make('b1', [
        { stream, row: { id: '1' } },
        { stream, row: { id: '2' } },
      ]);
      const [file = ''] = batch.streams[0]?.files ?? [];
      writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(1).join('\n'));
      await expect(destination.commit(batch)).rejects.toMatchObject({
        area: 'bug',
        message: 'stream t: 2 records were staged, but 1 were read back',
      });
      await destination.release();
      expect(await destination.readState()).toBeUndefined();
    });
  });

  describe(`${name} and versions of a key in different batches`, () => {
    const stream = streamOf('t', { id: text, updated: integer, title: text });
    const version = (title: string, updated: number | null, emittedAt: number) => ({
      stream,
      row: { id: '1', updated, title },
      emittedAt,
    });

    test.each([
      ['of the same time, the later to arrive', version('sooner', 1, 2000), version('later', 1, 2000), 'later'],
      ['extracted later', version('later', 1, 2000), version('sooner', 1, 1999), 'later'],
      ['extracted later, without a cursor', version('later', null, 2000), version('sooner', null, 1999), 'later'],
      ['of the same time, without a cursor', version('sooner', null, 2000), version('later', null, 2000), 'later'],
      ['with a cursor, whenever it was extracted', version('without', null, 9000), version('with', 1, 1000), 'with'],
      ['with a cursor, in whatever order', version('with', 1, 1000), version('without', null, 9000), 'with'],
      ['with the larger cursor', version('larger', 2, 1000), version('smaller', 1, 9000), 'larger'],
    ])('keeps the one %s', async (_, first, second, kept) => {
      const { place, commit } = await start({ metadata: airbyteMetadata });
      await commit([first]);
      const [counts] = await commit([second]);
      expect(await place.read('SELECT title FROM t')).toEqual([{ title: kept }]);
      const isWon = second.row.title === kept;
      expect(counts).toMatchObject({ written: isWon ? 1 : 0, superseded: isWon ? 0 : 1 });
    });

    test('finds key and cursor inside an object whose members are columns of a STRUCT', async () => {
      const properties = { 'id "x"': text, at: integer, title: text };
      const nested = streamOf(
        't',
        { o: { type: 'object', 'x-columns': 'closed', properties } },
        { key: [['o', 'id "x"']], cursor: ['o', 'at'] },
      );
      const of = (id: string | null, at: number, title: string) => ({
        stream: nested,
        row: { o: { 'id "x"': id, at, title } },
      });
      const { place, commit } = await start();
      await commit([of('1', 10, 'newer'), of('1', 9, 'older'), of('2', 1, 'old')]);
      const [counts] = await commit([of('1', 9, 'late'), of('2', 10, 'new'), of(null, 1, 'keyless')]);
      expect(counts).toMatchObject({ written: 1, superseded: 1, rejected: 1 });
      expect(await place.read('SELECT o.title AS title FROM t ORDER BY title')).toEqual([
        { title: 'new' },
        { title: 'newer' },
      ]);
    });

    test('takes one whose extraction time nobody kept for the older one', async () => {
      const { logged: _, open, read } = await createPlace();
      const without = open();
      await without.commit(createBatchMaker(without).make('b1', [version('before', 1, 9000)]));
      await without.close();
      const hosted = open({ metadata: airbyteMetadata });
      await hosted.commit(createBatchMaker(hosted).make('b2', [version('after', 1, 9000)]));
      await hosted.close();
      expect(await read('SELECT title FROM t')).toEqual([{ title: 'after' }]);
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
        { stream, row: { id: '4', n: 1.5 } },
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
