// The ledger in an object store, as other processes find it.
import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { openObjectLedger } from '../../src/ledger/object-ledger.ts';
import type { CommittedRun } from '../../src/ledger/standalone.ts';
import type { FakeS3 } from '../support/fake-s3.ts';
import { refusedWith } from '../support/http-servers.ts';
import { openBucket, openFakeS3 } from '../support/open-bucket.ts';
import { entryOf, stepsOf, transcript } from './entry.ts';

const shown = 's3://lakes/gong/lake';
const open = (fake: FakeS3, options: { readOnly?: boolean } = {}) => openObjectLedger(openBucket(fake), shown, options);

const entriesIn = async (fake: FakeS3) => {
  const entries = [...(await open(fake, { readOnly: true })).entries()];
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
};

const objects = (fake: FakeS3) => [...fake.objects.keys()].map((key) => key.replace('gong/lake/_gong_elt/', '')).sort();

async function* rowsOf(...numbers: number[]): AsyncGenerator<CommittedRun> {
  for (const n of numbers) {
    const { key, callId, startedAt, kit, version, transcriptHash, inputChars, attempt, createdAt } = entryOf(n);
    const facts = { key, callId, startedAt, kit, version, transcriptHash, inputChars, attempt };
    yield { ...facts, runId: `run_${n}`, answered: 'v1', requestedAt: createdAt };
  }
}

async function writeSteps(fake: FakeS3, ...numbers: number[]): Promise<void> {
  const ledger = await open(fake);
  for (const n of numbers) for (const step of stepsOf(n)) await ledger.write([step]);
  await ledger.close();
}

const texts = (fake: FakeS3) => [...fake.objects.values()].map(({ body }) => body.toString()).join('');

test('what was written is there for another process, one object an entry', async () => {
  const fake = await openFakeS3();
  const ledger = await open(fake);
  await ledger.write([entryOf(1), entryOf(2)]);
  await ledger.write([{ ...entryOf(2), status: 'accepted', runId: 'run_2' }]);
  expect(objects(fake)).toEqual(['runs/gs1-1.json', 'runs/gs1-2.json']);
  expect(await entriesIn(fake)).toEqual([entryOf(1), { ...entryOf(2), status: 'accepted', runId: 'run_2' }]);
  expect((await open(fake)).knowsRun('run_2')).toBe(true);
});

test('of two who mean to buy the same run one may, and the other says why it stops', async () => {
  const fake = await openFakeS3();
  const [one, two] = [await open(fake), await open(fake)];
  const outcomes = await Promise.allSettled([one.write([entryOf(1)]), two.write([{ ...entryOf(1), createdAt: 7 }])]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const lost = outcomes.find((outcome) => outcome.status === 'rejected');
  expect(lost?.reason).toMatchObject({ area: 'busy' });
  const winner = outcomes[0].status === 'fulfilled' ? entryOf(1).createdAt : 7;
  expect((await entriesIn(fake))[0]?.createdAt).toBe(winner);
});

test('an intent whose answer was lost is written; one that could not be written is not', async () => {
  const fake = await openFakeS3();
  const ledger = await open(fake);
  let isLost = true;
  fake.faults.loseAnswer = (method) => {
    const lost = isLost && method === 'PUT';
    if (lost) isLost = false;
    return lost;
  };
  await ledger.write([entryOf(1)]);
  fake.faults.refuse = () => ({ status: 403, code: 'AccessDenied' });
  expect(await refusedWith(ledger.write([entryOf(2)]))).toMatchObject({ area: 'credentials' });
  fake.faults.refuse = () => undefined;
  expect(await entriesIn(fake)).toEqual([entryOf(1)]);
});

test('writes of one entry keep their order', async () => {
  const fake = await openFakeS3();
  const ledger = await open(fake);
  const [intent, accepted, terminal] = stepsOf(1) as [LedgerEntry, LedgerEntry, LedgerEntry];
  let puts = 0;
  // The first one has to be tried again, so that a later one could pass it.
  fake.faults.refuse = (method) =>
    method === 'PUT' && ++puts <= 2 ? { status: 500, code: 'InternalError' } : undefined;
  await Promise.all([ledger.write([intent]), ledger.write([accepted]), ledger.write([terminal])]);
  expect(await entriesIn(fake)).toEqual([terminal]);
});

test('what has its row shrinks to a stub in one object, and no sentence of it stays', async () => {
  const fake = await openFakeS3();
  await writeSteps(fake, 1, 2);
  expect(texts(fake)).toContain('pain');
  const ledger = await open(fake);
  await ledger.write([entryOf(3)]);
  await ledger.reconcile(rowsOf(1, 2));
  expect(objects(fake)).toEqual(['runs.jsonl', 'runs/gs1-3.json']);
  expect(texts(fake)).not.toContain('pain');
  const entries = await entriesIn(fake);
  expect(entries.map(({ key, status }) => [key, status])).toEqual([
    ['gs1:1', 'terminal'],
    ['gs1:2', 'terminal'],
    ['gs1:3', 'intent'],
  ]);
  expect(entries[2]?.body).toContain(JSON.stringify(transcript).slice(1, -1).slice(0, 10));
  const again = fake.seen.length;
  await ledger.reconcile(rowsOf(1, 2));
  expect(fake.seen.length).toBe(again);
});

test('a row that the ledger does not know becomes a stub, and a stub without a row is read again', async () => {
  const fake = await openFakeS3();
  await (await open(fake)).reconcile(rowsOf(1, 2));
  expect((await entriesIn(fake)).map(({ status }) => status)).toEqual(['terminal', 'terminal']);
  await (await open(fake)).reconcile(rowsOf(2));
  expect((await entriesIn(fake)).map(({ status, runId }) => [status, runId])).toEqual([
    ['accepted', 'run_1'],
    ['terminal', 'run_2'],
  ]);
  expect(objects(fake)).toEqual(['runs.jsonl', 'runs/gs1-1.json']);
});

test('a crash between the two steps of settling loses nothing', async () => {
  const fake = await openFakeS3();
  await writeSteps(fake, 1, 2);
  fake.faults.refuse = (method) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : undefined);
  await refusedWith((await open(fake)).reconcile(rowsOf(1, 2)));
  fake.faults.refuse = () => undefined;
  expect(objects(fake)).toEqual(['runs.jsonl', 'runs/gs1-1.json', 'runs/gs1-2.json']);
  expect((await entriesIn(fake)).map(({ key }) => key)).toEqual(['gs1:1', 'gs1:2']);
  await (await open(fake)).reconcile(rowsOf(1, 2));
  expect(objects(fake)).toEqual(['runs.jsonl']);
  expect((await entriesIn(fake)).map(({ result }) => result)).toEqual([undefined, undefined]);
});

test('entries that were copied stay, open ones with their bodies, also when others are settled', async () => {
  const fake = await openFakeS3();
  const ledger = await open(fake);
  await ledger.takeOver([entryOf(1), ...stepsOf(2).slice(2)]);
  expect(objects(fake)).toEqual(['runs.jsonl']);
  const next = await open(fake);
  await next.reconcile(rowsOf(2));
  expect((await entriesIn(fake)).map(({ key, status, body }) => [key, status, body === undefined])).toEqual([
    ['gs1:1', 'intent', false],
    ['gs1:2', 'terminal', true],
  ]);
  await next.write([{ ...entryOf(1), status: 'accepted', runId: 'run_1' }]);
  await next.reconcile(rowsOf(2, 3));
  expect((await entriesIn(fake)).map(({ status }) => status)).toEqual(['accepted', 'terminal', 'terminal']);
});

test('who only looks writes nothing', async () => {
  const fake = await openFakeS3();
  await writeSteps(fake, 1);
  const before = objects(fake);
  await (await open(fake, { readOnly: true })).reconcile(rowsOf(1, 2));
  expect(objects(fake)).toEqual(before);
});

test('a damaged entry is refused by its name', async () => {
  const fake = await openFakeS3();
  await openBucket(fake).put('_gong_elt/runs/gs1-1.json', '{"key":');
  expect((await refusedWith(open(fake))).message).toContain('_gong_elt/runs/gs1-1.json');
});
