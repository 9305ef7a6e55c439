// What every destination owes the loader, whatever it is made of. Run against DuckDB and Parquet.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CrashPoint } from '../../src/core/crash-point.ts';
import type { Destination } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { type RecordMetadata, singerMetadata } from '../../src/tables/record-metadata.ts';
import { createBatchMaker, day, flag, instant, integer, number, streamOf, text } from './batches.ts';

interface OpenOptions {
  connection?: string;
  crashPoint?: CrashPoint;
  /** Columns beside the streams' own. */
  metadata?: RecordMetadata | undefined;
}

/** One place to write to, in a temporary folder of its own. */
export interface Place {
  open(options?: OpenOptions): Destination;
  /** What a reader of the tables sees; every stream is a table or view of its own name. */
  read(sql: string): Promise<JsonObject[]>;
}

const calls = streamOf('calls', { id: text, updated: integer, title: text });

function call(id: string | null, updated: number | null, title: string, emittedAt = 1_760_000_000_000) {
  return { stream: calls, row: { id, updated, title }, emittedAt };
}

const sdkColumns = singerMetadata(() => 1_760_000_000_000);

const cursors: [string, number | null | undefined][] = [
  ['with a cursor', 1],
  ['with a cursor that is not set', null],
  ['without a cursor', undefined],
];

/** Versions of one call with this cursor; undefined: of a stream without one. */
function versionsOf(updated: number | null | undefined) {
  const stream = updated === undefined ? streamOf('calls', { id: text, title: text }) : calls;
  return (title: string, emittedAt: number) => {
    const row: JsonObject = { id: '1', ...(updated === undefined ? {} : { updated }), title };
    return { stream, row, emittedAt, meta: { has_time: true, received_at: 1_760_000_000_000 } };
  };
}

/** @param options.showsRowsBeforeState may the rows of a batch that failed be there, with the state behind them? */
export function describeDestination(
  name: string,
  createPlace: () => Promise<Place>,
  crashPoints: readonly string[],
  { showsRowsBeforeState = false }: { showsRowsBeforeState?: boolean } = {},
): void {
  async function start(options: OpenOptions = {}) {
    const place = await createPlace();
    const destination = open(place, options);
    return { place, destination, batches: createBatchMaker(destination) };
  }

  function open(place: Place, options: OpenOptions = {}): Destination {
    const destination = place.open(options);
    onTestFinished(() => destination.close());
    return destination;
  }

  const titles = async (place: Place) =>
    (await place.read('SELECT id, title FROM calls ORDER BY id, title')).map((row) => `${row['id']} ${row['title']}`);

  describe(`${name} as a destination`, () => {
    test('stores rows and states and gives the states back', async () => {
      const { place, destination, batches } = await start();
      expect(await destination.readState()).toBeUndefined();
      const counts = await destination.commit(
        batches.make('b1', [call('1', 1, 'one'), call('2', 1, 'two')], { calls: { at: 1 } }),
      );
      await destination.release();
      expect(counts).toEqual([
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
      ]);
      expect(await titles(place)).toEqual(['1 one', '2 two']);
      expect(await open(place).readState()).toEqual({ seq: 1, streams: { calls: { at: 1 } } });
    });

    test('keeps one row per key, the newest, however the versions arrive', async () => {
      const versions = [
        call('1', 3, 'newest'),
        call('1', 2, 'older'),
        call('1', null, 'without cursor'),
        call('1', 1, 'oldest'),
      ];
      for (const order of permutations(versions)) {
        for (let cut = 1; cut <= order.length; cut++) {
          const { place, destination, batches } = await start();
          await destination.commit(batches.make('b1', order.slice(0, cut)));
          if (cut < order.length) await destination.commit(batches.make('b2', order.slice(cut)));
          await destination.release();
          expect(await titles(place), `${order.map(({ row }) => row.title)} cut at ${cut}`).toEqual(['1 newest']);
        }
      }
      // Nearly a hundred places: a commit to a bucket asks it fifteen times.
    }, 240_000);

    test.each([
      ['extracted', 'with the columns that keep the time', sdkColumns],
      ['arrived', 'without', undefined],
    ])('of equal cursors takes what %s later, %s', async (which, _, metadata) => {
      for (const cut of [1, 2, 3]) {
        const { place, destination, batches } = await start({ metadata });
        const versions = [
          call('1', 1, 'extracted first', 1000),
          call('1', 1, 'extracted later', 2000),
          call('1', 1, 'arrived later', 1500),
        ].map((version) => ({ ...version, meta: { has_time: true, received_at: 5000 } }));
        await destination.commit(batches.make('b1', versions.slice(0, cut)));
        await destination.commit(batches.make('b2', versions.slice(cut)));
        await destination.release();
        expect(await titles(place)).toEqual([`1 ${which} later`]);
      }
    });

    test.each(cursors)('of two batches extracted at the same time the later one wins, %s', async (_, cursor) => {
      for (const metadata of [undefined, sdkColumns]) {
        const { place, destination, batches } = await start({ metadata });
        const version = versionsOf(cursor);
        await destination.commit(batches.make('b1', [version('first', 2000)]));
        const [tie] = await destination.commit(batches.make('b2', [version('second', 2000)]));
        await destination.release();
        expect([await titles(place), tie?.written, tie?.superseded]).toEqual([['1 second'], 1, 0]);
        const [next] = await destination.commit(batches.make('b3', [version('a millisecond later', 2001)]));
        await destination.release();
        expect([await titles(place), next?.written, next?.superseded]).toEqual([['1 a millisecond later'], 1, 0]);
      }
    });

    test.each(cursors)(
      'a batch extracted a millisecond earlier loses when rows say when it was, %s',
      async (_, cursor) => {
        const { place, destination, batches } = await start({ metadata: sdkColumns });
        const version = versionsOf(cursor);
        await destination.commit(batches.make('b1', [version('first', 2000)]));
        const [counts] = await destination.commit(batches.make('b2', [version('earlier', 1999)]));
        await destination.release();
        expect([await titles(place), counts?.written, counts?.superseded]).toEqual([['1 first'], 0, 1]);
      },
    );

    test('counts what lost against a newer version, in the batch and in the table', async () => {
      const { destination, batches } = await start();
      await destination.commit(batches.make('b1', [call('1', 5, 'a')]));
      const [counts] = await destination.commit(
        batches.make('b2', [call('1', 4, 'b'), call('2', 1, 'c'), call('2', 2, 'd')]),
      );
      expect(counts).toMatchObject({ staged: 3, written: 1, superseded: 2, rejected: 0 });
    });

    test('keeps every row of an append stream, equal ones too', async () => {
      const { place, destination, batches } = await start();
      const log = streamOf('log', { id: text }, { mode: 'append' });
      await destination.commit(
        batches.make('b1', [
          { stream: log, row: { id: 'x' } },
          { stream: log, row: { id: 'x' } },
        ]),
      );
      await destination.commit(batches.make('b2', [{ stream: log, row: { id: 'x' } }]));
      await destination.release();
      expect(await place.read('SELECT count(*) AS n FROM log')).toEqual([{ n: 3 }]);
    });

    test('takes composite keys, and keys inside an object', async () => {
      const { place, destination, batches } = await start();
      const stream = streamOf(
        'parts',
        { a: text, b: { type: 'object' }, n: integer },
        { key: [['a'], ['b', 'c/d']], cursor: ['n'] },
      );
      const part = (a: string, c: string | null, n: number) => ({ stream, row: { a, b: { 'c/d': c }, n } });
      const [counts] = await destination.commit(
        batches.make('b1', [part('x', '1', 1), part('x', '2', 1), part('x', '1', 2), part('x', null, 9)]),
      );
      await destination.release();
      expect(counts).toMatchObject({ written: 2, superseded: 1, rejected: 1 });
      expect(await place.read('SELECT n FROM parts ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
    });

    test('rejects and counts rows without a key, and never stores one', async () => {
      const { place, destination, batches } = await start();
      const [counts] = await destination.commit(
        batches.make('b1', [call(null, 1, 'null'), { stream: calls, row: { title: 'absent' } }, call('1', 1, 'whole')]),
      );
      await destination.release();
      expect(counts).toMatchObject({ staged: 3, written: 1, rejected: 2 });
      expect(await titles(place)).toEqual(['1 whole']);
    });

    test('moves states by stream and keeps those that a batch does not name', async () => {
      const { place, destination, batches } = await start();
      await destination.commit(batches.make('b1', [], { calls: { at: 1 }, transcripts: { at: 1 } }));
      await destination.commit(batches.make('b2', [], { calls: { at: 2 } }));
      await destination.commit(batches.make('b3', [], { transcripts: null, runs: { __proto__x: 1 } }));
      await destination.release();
      expect((await open(place).readState())?.streams).toEqual({ calls: { at: 2 }, runs: { __proto__x: 1 } });
    });

    test('keeps the states of two connections apart', async () => {
      const { place, destination, batches } = await start();
      await destination.commit(batches.make('b1', [], { calls: { mine: 1 } }));
      await destination.release();
      const other = open(place, { connection: 'other' });
      expect(await other.readState()).toBeUndefined();
      await other.commit(createBatchMaker(other).make('b1', [], { calls: { theirs: 1 } }));
      await other.release();
      expect((await open(place).readState())?.streams).toEqual({ calls: { mine: 1 } });
    });

    test('stores a batch once when it is sent again', async () => {
      const { place, destination, batches } = await start();
      const log = streamOf('log', { id: text }, { mode: 'append' });
      const batch = batches.make('b1', [{ stream: log, row: { id: 'x' } }], { log: { at: 1 } });
      const first = await destination.commit(batch);
      expect(await destination.commit(batch)).toEqual(first);
      await destination.release();
      expect(await place.read('SELECT count(*) AS n FROM log')).toEqual([{ n: 1 }]);
      expect((await open(place).readState())?.seq).toBe(1);
    });

    test('tells the state between two commits, without letting go', async () => {
      const { place, destination, batches } = await start();
      for (let n = 1; n <= 3; n++) {
        await destination.commit(batches.make(`b${n}`, [call(String(n), 1, 'x')], { calls: { n } }));
        expect(await destination.readState()).toEqual({ seq: n, streams: { calls: { n } } });
      }
      await destination.release();
      expect(await titles(place)).toEqual(['1 x', '2 x', '3 x']);
    });

    test('refuses a commit on top of a state that it has not seen', async () => {
      const { place, destination, batches } = await start();
      await destination.commit(batches.make('b1', [call('1', 1, 'first')], { calls: { at: 1 } }));
      await destination.release();
      const late = open(place);
      await late.readState();
      await destination.commit(batches.make('b2', [call('1', 2, 'second')], { calls: { at: 2 } }));
      await destination.release();
      await expect(
        late.commit(createBatchMaker(late).make('b3', [call('1', 3, 'third')], { calls: { at: 3 } })),
      ).rejects.toMatchObject({
        area: 'busy',
      });
      await late.release();
      expect(await titles(place)).toEqual(['1 second']);
      expect(await open(place).readState()).toEqual({ seq: 2, streams: { calls: { at: 2 } } });
    });

    test('refuses the second of two first commits', async () => {
      const { place, destination, batches } = await start();
      const other = open(place);
      await destination.readState();
      await other.readState();
      await destination.commit(batches.make('b1', [call('1', 1, 'first')]));
      await destination.release();
      await expect(other.commit(createBatchMaker(other).make('b2', [call('1', 2, 'second')]))).rejects.toMatchObject({
        area: 'busy',
      });
      await other.release();
      expect(await titles(place)).toEqual(['1 first']);
    });

    test.each(crashPoints)('is whole after an error at %s, and goes on from there', async (point) => {
      const place = await createPlace();
      const first = open(place);
      await first.commit(
        createBatchMaker(first).make('b1', [call('1', 1, 'old'), call('2', 1, 'old')], { calls: { at: 1 } }),
      );
      await first.release();
      let isArmed = true;
      const broken = open(place, {
        crashPoint: (reached) => {
          if (isArmed && reached === point) throw new Error('a planned failure');
        },
      });
      const next = () =>
        createBatchMaker(broken).make('b2', [call('1', 2, 'new'), { stream: other, row: { id: 'x' } }], {
          calls: { at: 2 },
        });
      const other = streamOf('other', { id: text });
      await broken.readState();
      const outcome = await broken.commit(next()).then(
        () => 'stored',
        () => 'failed',
      );
      await broken.release();
      const [before, after] = [
        ['1 old', '2 old'],
        ['1 new', '2 old'],
      ];
      const allowed = outcome === 'stored' ? [after] : showsRowsBeforeState ? [before, after] : [before];
      expect(allowed).toContainEqual(await titles(place));
      expect((await open(place).readState())?.streams).toEqual({ calls: { at: outcome === 'stored' ? 2 : 1 } });
      isArmed = false;
      await broken.commit(next());
      await broken.release();
      expect(await titles(place)).toEqual(['1 new', '2 old']);
      expect(await place.read('SELECT id FROM other')).toEqual([{ id: 'x' }]);
      expect(await open(place).readState()).toEqual({ seq: 2, streams: { calls: { at: 2 } } });
    });

    test('adds a column that appears, and leaves a column that goes as NULL', async () => {
      const { place, destination, batches } = await start();
      await destination.commit(batches.make('b1', [call('1', 1, 'one')]));
      const changed = streamOf('calls', { id: text, updated: integer, language: text });
      await destination.commit(
        batches.make('b2', [{ stream: changed, row: { id: '2', updated: 1, language: 'eng' } }]),
      );
      await destination.release();
      expect(await place.read('SELECT id, title, language FROM calls ORDER BY id')).toEqual([
        { id: '1', title: 'one', language: null },
        { id: '2', title: null, language: 'eng' },
      ]);
    });

    test('widens a column whose type changes, and keeps what was in it', async () => {
      const { place, destination, batches } = await start();
      const before = streamOf('wide', { id: text, whole: integer, flag, day, text, number });
      const after = streamOf('wide', {
        id: text,
        whole: number,
        flag: text,
        day: instant,
        text: { type: 'object' },
        number: text,
      });
      await destination.commit(
        batches.make('b1', [
          { stream: before, row: { id: '1', whole: 7, flag: true, day: '2026-01-02', text: 'seven', number: 0.5 } },
        ]),
      );
      await destination.commit(
        batches.make('b2', [
          {
            stream: after,
            row: { id: '2', whole: 7.5, flag: 'maybe', day: '2026-01-02T03:04:05Z', text: { a: 1 }, number: 'half' },
          },
        ]),
      );
      await destination.release();
      expect(
        await place.read(
          'SELECT id, whole, flag, epoch_ms(day) AS day, text::VARCHAR AS text, number FROM wide ORDER BY id',
        ),
      ).toEqual([
        { id: '1', whole: 7, flag: 'true', day: Date.UTC(2026, 0, 2), text: '"seven"', number: '0.5' },
        { id: '2', whole: 7.5, flag: 'maybe', day: Date.UTC(2026, 0, 2, 3, 4, 5), text: '{"a":1}', number: 'half' },
      ]);
    });

    test('keeps every digit of whole numbers, as text where no number has so many, and stores as NULL and counts what is none', async () => {
      const { place, destination, batches } = await start();
      const stream = streamOf('digits', { id: text, n: integer });
      const row = (id: string, n: string) => ({ stream, row: { id, n } });
      const [first] = await destination.commit(
        batches.make('b1', [row('1', '9007199254740993'), row('2', '1.5'), row('3', '-7')]),
      );
      const [second] = await destination.commit(
        batches.make('b2', [row('4', '12345678901234567890123456789012'), row('5', '1'.repeat(39)), row('6', '5.0')]),
      );
      await destination.release();
      expect([first?.nulled, second?.nulled]).toEqual([1, 0]);
      expect(await place.read('SELECT id, n::VARCHAR AS n FROM digits ORDER BY id')).toEqual([
        { id: '1', n: '9007199254740993' },
        { id: '2', n: null },
        { id: '3', n: '-7' },
        { id: '4', n: '12345678901234567890123456789012' },
        { id: '5', n: '1'.repeat(39) },
        { id: '6', n: '5' },
      ]);
    });

    test('loads odd names of streams and fields without collision or loss', async () => {
      const { place, destination, batches } = await start();
      const properties: JsonObject = { id: text };
      const row: JsonObject = { id: '1' };
      const names = [
        'Id',
        'with space',
        "quote'd",
        'double"d',
        'line\nbreak',
        'sélect',
        '1st',
        'select',
        'a.b',
        '+',
        '🙂',
        '__proto__x',
        'constructor',
        'Äpfel',
        'x'.repeat(200),
      ];
      for (const name of names) {
        properties[name] = text;
        row[name] = `value of ${name}`;
      }
      const stream = streamOf('Odd "name" of\na stream; --', properties);
      await destination.commit(batches.make('b1', [{ stream, row }]));
      await destination.release();
      const [stored = {}] = await place.read('SELECT * FROM "Odd ""name"" of\na stream; --"');
      const expected = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
      // `Id` and `id` are one name for SQL: the later in code unit order gets a number.
      expect(stored).toEqual({ ...expected, id_2: '1' });
    });

    test('keeps streams of one name in three namespaces apart', async () => {
      const { place, destination, batches } = await start();
      const of = (namespace?: string) => streamOf('same', { id: text }, namespace === undefined ? {} : { namespace });
      await destination.commit(
        batches.make('b1', [
          { stream: of(), row: { id: 'none' } },
          { stream: of('one'), row: { id: 'one' } },
          { stream: of('two'), row: { id: 'two' } },
        ]),
      );
      await destination.release();
      expect(await place.read('SELECT id FROM same')).toEqual([{ id: 'none' }]);
      expect(await place.read('SELECT id FROM one.same')).toEqual([{ id: 'one' }]);
      expect(await place.read('SELECT id FROM two.same')).toEqual([{ id: 'two' }]);
    });

    test('makes tables for streams that bring no rows', async () => {
      const { place, destination, batches } = await start();
      await destination.commit(batches.make('b1', [], {}, [calls]));
      await destination.release();
      expect(await titles(place)).toEqual([]);
    });

    test('stores nested values with closed keys as lists and structs, and open ones as JSON', async () => {
      const { place, destination, batches } = await start();
      const member = { type: 'object', properties: { name: text, n: integer, extra: {} } };
      const stream = streamOf('nested', {
        id: text,
        closed: { type: 'array', items: member, 'x-columns': 'closed' },
        open: { type: 'array', items: member },
      });
      const value: JsonObject[] = [
        { name: 'a', n: 1, extra: { free: [1, 'x'] } },
        { name: null, n: null },
      ];
      await destination.commit(batches.make('b1', [{ stream, row: { id: '1', closed: value, open: value } }]));
      await destination.release();
      expect(
        await place.read(
          `SELECT closed[1].name AS name, closed[1].extra->>'$.free[1]' AS extra, len(closed) AS n, open->>'$[0].name' AS open FROM nested`,
        ),
      ).toEqual([{ name: 'a', extra: 'x', n: 2, open: 'a' }]);
    });

    test('reads instants and days as UTC and refuses those that have no such form', async () => {
      const { place, destination, batches } = await start();
      const stream = streamOf('times', { id: text, at: instant, day });
      const row = (id: string, at: string | null, on: string | null) => ({ stream, row: { id, at, day: on } });
      const [counts] = await destination.commit(
        batches.make('b1', [
          row('1', '2026-11-05T10:00:00.123+02:00', '2026-11-05'),
          row('2', '2026-11-05T10:00:00', null),
          row('3', '2026-06-30T23:59:60Z', '0000-01-01'),
          row('4', 'infinity', '99999-01-01'),
          row('5', 'last week', '2026-02-30'),
        ]),
      );
      await destination.release();
      expect(counts?.nulled).toBe(6);
      expect(await place.read('SELECT id, epoch_ms("at") AS "at", day::VARCHAR AS day FROM times ORDER BY id')).toEqual(
        [
          { id: '1', at: Date.UTC(2026, 10, 5, 8, 0, 0, 123), day: '2026-11-05' },
          { id: '2', at: Date.UTC(2026, 10, 5, 10), day: null },
          { id: '3', at: null, day: null },
          { id: '4', at: null, day: null },
          { id: '5', at: null, day: null },
        ],
      );
    });

    test('refuses a key that is no field of the stream', async () => {
      const { destination, batches } = await start();
      const stream = streamOf('keyless', { name: text }, { key: [['id']] });
      await expect(destination.commit(batches.make('b1', [{ stream, row: { name: 'x' } }]))).rejects.toMatchObject({
        area: 'config',
      });
    });

    test('passes preflight and leaves nothing behind, before and after the first commit', async () => {
      const { place, destination, batches } = await start();
      await destination.preflight();
      expect(await open(place).readState()).toBeUndefined();
      await destination.commit(batches.make('b1', [call('1', 1, 'one')], { calls: { at: 1 } }));
      await destination.release();
      await open(place).preflight();
      expect(await titles(place)).toEqual(['1 one']);
    });
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
