import { appendFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { openFileLedger } from '../../src/ledger/file-ledger.ts';
import type { CommittedRun, StandaloneLedger } from '../../src/ledger/standalone.ts';
import { entryOf, stepsOf } from './entry.ts';
import { type Ended, startScript } from './run-script.ts';

async function folderPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-ledger-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'warehouse.duckdb.runs.jsonl');
}

async function withLedger<T>(path: string, use: (ledger: StandaloneLedger) => Promise<T> | T): Promise<T> {
  const ledger = await openFileLedger(path);
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

const entriesIn = (path: string) => withLedger(path, (ledger) => [...ledger.entries()]);

/** The row of the run of call number `n`. */
function committed(n: number): CommittedRun {
  const { key, callId, kit, version, transcriptHash, attempt, startedAt, inputChars, createdAt } = entryOf(n);
  const run = { key, callId, kit, version, transcriptHash, attempt, startedAt, inputChars };
  return { ...run, runId: `run_${n}`, answered: undefined, requestedAt: createdAt };
}

async function* rowsOf(...runs: CommittedRun[]): AsyncGenerator<CommittedRun> {
  yield* runs;
}

/** Runs code with an open `ledger` and what is `given` in a process of its own. */
function runWithLedger(code: string, path: string, given: unknown, shell?: string): Promise<Ended> {
  const script = `
    const { openFileLedger } = await load('ledger/file-ledger');
    const ledger = await openFileLedger(${JSON.stringify(path)});
    ${code}`;
  return startScript(script, given, shell).ended;
}

async function failureOf(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(error)}`);
  return error;
}

describe('what was written', () => {
  test('is there again after each step, whole, and only its owner may read it', async () => {
    const path = await folderPath();
    for (const step of stepsOf(1)) {
      await withLedger(path, (ledger) => ledger.write([step]));
      expect(await entriesIn(path)).toEqual([step]);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('is durable when write returns: a process that is killed right after it loses nothing', async () => {
    const path = await folderPath();
    const script = "for (const step of given) await ledger.write([step]); process.kill(process.pid, 'SIGKILL');";
    expect((await runWithLedger(script, path, stepsOf(1))).signal).toBe('SIGKILL');
    expect(await entriesIn(path)).toEqual(stepsOf(1).slice(-1));
  });

  test('writes at the same time follow each other: no line is mixed with another', async () => {
    const path = await folderPath();
    await withLedger(path, (ledger) =>
      Promise.all(Array.from({ length: 40 }, (_, n) => ledger.write([entryOf(n), entryOf(n + 100)]))),
    );
    expect(await entriesIn(path)).toHaveLength(80);
  });

  test('a line says only what changed, and nothing is written when nothing did', async () => {
    const path = await folderPath();
    const [intent, accepted] = stepsOf(1) as [LedgerEntry, LedgerEntry];
    await withLedger(path, async (ledger) => {
      await ledger.write([intent]);
      await ledger.write([accepted]);
      await ledger.write([accepted]);
    });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.slice(1).map((line) => JSON.parse(line))).toEqual([
      { key: 'gs1:1', status: 'accepted', runId: 'run_1' },
    ]);
  });
});

describe('a file that was cut or damaged', () => {
  test('S8 torn at each byte: what was whole is kept, the torn line never happened, and the next line is whole', async () => {
    const path = await folderPath();
    const steps = [...stepsOf(1), entryOf(2)];
    const ends: number[] = [];
    await withLedger(path, async (ledger) => {
      for (const step of steps) {
        await ledger.write([step]);
        ends.push((await stat(path)).size);
      }
    });
    const whole = await readFile(path);
    for (let cut = 0; cut <= whole.length; cut++) {
      await writeFile(path, whole.subarray(0, cut));
      const kept = ends.filter((end) => end <= cut).length;
      const expected = [...new Map(steps.slice(0, kept).map((entry) => [entry.key, entry])).values()];
      await withLedger(path, async (ledger) => {
        expect([...ledger.entries()], `cut at byte ${cut}`).toEqual(expected);
        await ledger.write([entryOf(9)]);
      });
      expect(await entriesIn(path), `written after a cut at byte ${cut}`).toEqual([...expected, entryOf(9)]);
    }
  });

  test.each([
    ['no JSON', '{"key":"gs1:1","sta\n'],
    ['a list', '[1,2]\n'],
    ['null', 'null\n'],
    ['a blank line', '\n'],
    ['a change of an entry that nobody knows', '{"key":"gs1:77","status":"accepted","runId":"run_77"}\n'],
    ['an unknown status', `${JSON.stringify({ ...entryOf(3), status: 'paid' })}\n`],
    ['a number that is text', `${JSON.stringify({ ...entryOf(3), attempt: 'one' })}\n`],
  ])('S8 a broken line before the last is refused with its number, never skipped: %s', async (_, line) => {
    const path = await folderPath();
    await withLedger(path, (ledger) => ledger.write([entryOf(1)]));
    await appendFile(path, line);
    await appendFile(path, `${JSON.stringify(entryOf(2))}\n`);
    const before = await readFile(path, 'utf8');
    const failure = await failureOf(openFileLedger(path));
    expect(failure.area).toBe('config');
    expect(failure.message).toContain('damaged at line 2');
    expect(`${failure.message} ${failure.hint}`).not.toContain('hello');
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('something else in its place is not taken for an empty ledger', async () => {
    const path = await folderPath();
    await mkdir(path);
    await expect(openFileLedger(path)).rejects.toThrow();
  });

  test('D1 a disk that fills up in the middle of a line: the error names the file, and the next line is whole', async () => {
    const path = await folderPath();
    const large = entryOf(2, { body: 'x'.repeat(100_000) });
    const ended = await runWithLedger(
      `
      process.on('SIGXFSZ', () => {});
      await ledger.write([given[0]]);
      await ledger.write([given[1]]).catch((error) => console.log(error.area + ' ' + error.message));
      await ledger.write([given[2]]);`,
      path,
      [entryOf(1), large, entryOf(3)],
      // Files may grow to 8 KiB: the large line is cut there.
      'ulimit -f 8; exec "$0" "$@"',
    );
    expect(ended.stdout).toBe(
      `destination The ledger ${path} cannot be written (EFBIG). Nothing is bought without it.\n`,
    );
    expect(ended.code).toBe(0);
    expect((await entriesIn(path)).map(({ key }) => key)).toEqual(['gs1:1', 'gs1:3']);
  });
});

describe('ledger and destination', () => {
  test('entries whose row is committed shrink to stubs; text and result are gone from the file', async () => {
    const path = await folderPath();
    await withLedger(path, async (ledger) => {
      for (const step of stepsOf(1)) await ledger.write([step]);
      await ledger.write([entryOf(2)]);
    });
    expect(await readFile(path, 'utf8')).toContain('Grüße');
    await withLedger(path, (ledger) => ledger.reconcile(rowsOf(committed(1), committed(2))));
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain('Grüße');
    expect(text).not.toContain('pain');
    expect(text.trimEnd().split('\n')).toHaveLength(2);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await withLedger(path, (ledger) => {
      expect([...ledger.open()]).toEqual([]);
      expect(ledger.find(entryOf(1))).toMatchObject({
        status: 'terminal',
        runId: 'run_1',
        startedAt: entryOf(1).startedAt,
      });
      expect(ledger.find(entryOf(2))?.status).toBe('terminal');
      expect(ledger.knowsRun('run_1')).toBe(true);
    });
  });

  test('what is still open keeps its bytes', async () => {
    const path = await folderPath();
    await withLedger(path, async (ledger) => {
      await ledger.write([entryOf(1), entryOf(2)]);
      await ledger.reconcile(rowsOf(committed(1)));
    });
    expect((await entriesIn(path)).find(({ key }) => key === 'gs1:2')).toEqual(entryOf(2));
  });

  test('S8 a lost ledger is rebuilt from the rows', async () => {
    const path = await folderPath();
    await withLedger(path, (ledger) => ledger.reconcile(rowsOf(committed(1), committed(2))));
    await withLedger(path, (ledger) => {
      for (const n of [1, 2]) expect(ledger.find(entryOf(n))).toMatchObject({ status: 'terminal', key: `gs1:${n}` });
      expect(ledger.find(entryOf(3))).toBeUndefined();
    });
  });

  test('S7 a run whose row is gone is an accepted one again: it is read once more, not bought', async () => {
    const path = await folderPath();
    await withLedger(path, (ledger) => ledger.reconcile(rowsOf(committed(1), committed(2))));
    await withLedger(path, (ledger) => ledger.reconcile(rowsOf(committed(2))));
    await withLedger(path, (ledger) =>
      expect([...ledger.open()]).toMatchObject([
        { key: 'gs1:1', status: 'accepted', runId: 'run_1', createdAt: entryOf(1).createdAt },
      ]),
    );
  });

  test('reading only, it changes no byte', async () => {
    const path = await folderPath();
    await withLedger(path, (ledger) => ledger.write([entryOf(1)]));
    await truncate(path, (await stat(path)).size - 3);
    const before = await readFile(path);
    const ledger = await openFileLedger(path, { readOnly: true });
    await ledger.reconcile(rowsOf(committed(1)));
    expect(ledger.find(entryOf(1))?.status).toBe('terminal');
    await ledger.close();
    expect(await readFile(path)).toEqual(before);
  });

  test('a line that is written after the rewrite goes to the new file', async () => {
    const path = await folderPath();
    await withLedger(path, async (ledger) => {
      await ledger.write([entryOf(1)]);
      await ledger.reconcile(rowsOf(committed(1)));
      await ledger.write([entryOf(2)]);
    });
    expect((await entriesIn(path)).map(({ key }) => key)).toEqual(['gs1:1', 'gs1:2']);
  });

  test.each<[string, LedgerEntry[], number[]]>([
    ['shorter', [entryOf(1, { body: 'x'.repeat(3000) }), entryOf(2)], [1]],
    ['longer', [entryOf(1), entryOf(2)], [1, 2, 3, 4, 5, 6, 7, 8]],
    ['new', [], [1, 2]],
  ])('D1 a disk that fills up after a rewrite, the file now %s: all else is there', async (_, before, rows) => {
    for (const isFirst of [true, false]) {
      const path = await folderPath();
      await withLedger(path, (ledger) => ledger.write(before));
      const ended = await runWithLedger(
        `
        process.on('SIGXFSZ', () => {});
        await ledger.write(given.earlier);
        await ledger.reconcile((async function* () { yield* given.rows; })());
        await ledger.write(given.between);
        await ledger.write([given.large]).catch((error) => console.log(error.area));
        await ledger.write([given.later]);`,
        path,
        {
          earlier: isFirst ? [] : [entryOf(20)],
          rows: rows.map(committed),
          between: isFirst ? [] : [entryOf(21)],
          large: entryOf(22, { body: 'x'.repeat(100_000) }),
          later: entryOf(23),
        },
        // Files may grow to 8 KiB: the large line is cut there.
        'ulimit -f 8; exec "$0" "$@"',
      );
      expect(ended).toEqual({ code: 0, signal: null, stdout: 'destination\n' });
      const known = [...new Set([...before.map(({ key }) => key), ...rows.map((n) => `gs1:${n}`)])];
      const written = isFirst ? ['gs1:23'] : ['gs1:20', 'gs1:21', 'gs1:23'];
      const keys = (await entriesIn(path)).map(({ key }) => key);
      expect(keys.sort().join(' ')).toBe([...known, ...written].sort().join(' '));
    }
  });

  test.each(['before the rename', 'after half of the file'])(
    'C5 a crash while rewriting, %s: the old file is whole, and what lies beside it does no harm',
    async (when) => {
      const path = await folderPath();
      await withLedger(path, async (ledger) => {
        for (const step of stepsOf(1)) await ledger.write([step]);
        await ledger.write([entryOf(2)]);
      });
      const left = await readFile(path);
      await writeFile(`${path}.tmp`, when === 'before the rename' ? left : left.subarray(0, left.length / 2), {
        mode: 0o600,
      });
      expect((await entriesIn(path)).map(({ key, status }) => [key, status])).toEqual([
        ['gs1:1', 'terminal'],
        ['gs1:2', 'intent'],
      ]);
      await withLedger(path, (ledger) => ledger.reconcile(rowsOf(committed(1))));
      expect((await entriesIn(path)).map(({ key }) => key)).toEqual(['gs1:1', 'gs1:2']);
      await expect(stat(`${path}.tmp`)).rejects.toThrow(/ENOENT/);
    },
  );

  test('C5 killed while rewriting, at moments spread over it: one of the two versions is there, whole', async () => {
    const path = await folderPath();
    const many = Array.from({ length: 3000 }, (_, n) => entryOf(n));
    await withLedger(path, (ledger) => ledger.write(many));
    for (const afterMs of [0, 5, 10, 20, 40]) {
      await runWithLedger(
        `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${afterMs});
        await ledger.reconcile((async function* () { yield* given; })());
        await new Promise(() => setInterval(() => {}, 1000));`,
        path,
        [committed(1)],
      );
      expect((await entriesIn(path)).length).toBe(3000);
    }
  });

  test('a row that was handed on needs no text in memory, but the file keeps it until the row is committed', async () => {
    const path = await folderPath();
    const [, , terminal] = stepsOf(1) as [LedgerEntry, LedgerEntry, LedgerEntry];
    await withLedger(path, async (ledger) => {
      await ledger.write([terminal]);
      ledger.rowEmitted(terminal);
      expect([...ledger.open()]).toEqual([]);
    });
    expect(await withLedger(path, (ledger) => [...ledger.open()])).toEqual([terminal]);
  });
});

describe('who counts for a call and a kit', () => {
  test.each([
    ['at the same time', 0],
    ['an hour later', 3_600_000],
  ])(
    'of two texts that were skipped the later one, also when it came %s and the file is opened again',
    async (_, ms) => {
      const path = await folderPath();
      const earlier = entryOf(1, { status: 'skipped', key: 'gs1:z', transcriptHash: 'one' });
      const later = { ...earlier, key: 'gs1:a', transcriptHash: 'other', createdAt: earlier.createdAt + ms };
      await withLedger(path, async (ledger) => {
        await ledger.write([earlier]);
        await ledger.write([later]);
        expect(ledger.find(earlier)).toEqual(later);
      });
      await withLedger(path, (ledger) => expect(ledger.find(earlier)).toEqual(later));
    },
  );

  test('the later of two is so whatever the order in which they were written', async () => {
    const path = await folderPath();
    const earlier = entryOf(1, { status: 'skipped', key: 'gs1:z' });
    const later = { ...earlier, key: 'gs1:a', createdAt: earlier.createdAt + 1 };
    await withLedger(path, async (ledger) => {
      await ledger.write([later]);
      await ledger.write([earlier]);
      expect(ledger.find(earlier)).toEqual(later);
    });
  });

  test('what was sent outweighs what was skipped, and a later attempt an earlier one', async () => {
    const path = await folderPath();
    await withLedger(path, async (ledger) => {
      await ledger.write([entryOf(1, { status: 'skipped', key: 'gs1:a' }), entryOf(1, { key: 'gs1:b' })]);
      await ledger.write([entryOf(1, { status: 'skipped', key: 'gs1:c', attempt: 2 })]);
      expect(ledger.find(entryOf(1))?.key).toBe('gs1:b');
      await ledger.write([entryOf(1, { key: 'gs1:d', attempt: 2 })]);
      expect(ledger.find(entryOf(1))?.key).toBe('gs1:d');
      // Which version answers is not known yet: it may well be this one.
      expect(ledger.find({ ...entryOf(1), version: 'v1' })?.key).toBe('gs1:d');
      const answered = { status: 'terminal', answered: 'v2' } as const;
      await ledger.write([
        entryOf(1, { key: 'gs1:b', ...answered }),
        entryOf(1, { key: 'gs1:d', attempt: 2, ...answered }),
      ]);
      // Only what was never sent is left for it.
      expect(ledger.find({ ...entryOf(1), version: 'v1' })?.status).toBe('skipped');
      expect(ledger.find({ ...entryOf(1), version: 'v2' })?.key).toBe('gs1:d');
      expect(ledger.find({ ...entryOf(1), kit: '6AD3F0B6' })).toBeUndefined();
    });
  });
});
