// One sync per destination in an object store: holders who live, are gone, or cannot be asked.
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ProcessIdentity } from '../../src/core/machine.ts';
import { acquireObjectLock } from '../../src/ledger/object-lock.ts';
import type { FakeS3 } from '../support/fake-s3.ts';
import { refusedWith } from '../support/http-servers.ts';
import { openBucket, openFakeS3 } from '../support/open-bucket.ts';

const own: ProcessIdentity = {
  pid: 10,
  host: 'here',
  bootId: 'boot',
  startTime: '5',
  pidNamespace: 'n',
  startTimeOf: async (pid) => (pid === 10 || pid === 11 ? '5' : undefined),
};
const neighbour = { ...own, pid: 11 };
const dead = { ...own, pid: 12 };
const elsewhere = { ...own, host: 'there' };

const name = 'runs.lock';
const key = 'gong/lake/runs.lock';

const acquire = (fake: FakeS3, identity: ProcessIdentity) =>
  acquireObjectLock(openBucket(fake), name, 's3://lakes/gong/lake/runs.lock', identity);

/** As if nobody had beaten for so long. */
function age(fake: FakeS3, ms: number): void {
  const object = fake.objects.get(key);
  if (object !== undefined) fake.objects.set(key, { ...object, modified: Date.now() - ms });
}

test('is held by one, and free for the next one when it was released', async () => {
  const fake = await openFakeS3();
  const lock = await acquire(fake, own);
  const error = await refusedWith(acquire(fake, neighbour));
  expect(error).toMatchObject({ area: 'busy' });
  expect(error.message).toContain('PID 10 on here');
  await lock.verify();
  await lock.release();
  const next = await acquire(fake, neighbour);
  await next.verify();
  await next.release();
});

test('of many who come at once one gets it, also when it was free before', async () => {
  const fake = await openFakeS3();
  for (let round = 0; round < 3; round++) {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquire(fake, own)));
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    await won[0]?.verify();
    await won[0]?.release();
  }
});

test('of a process that is gone is taken over, and the old holder may buy nothing more', async () => {
  const fake = await openFakeS3();
  const zombie = await acquire(fake, dead);
  const lock = await acquire(fake, own);
  const error = await refusedWith(zombie.verify());
  expect(error).toMatchObject({ area: 'busy' });
  expect(error.message).toContain('PID 10 on here has taken over');
  // Its release changes nothing for the new holder.
  await zombie.release();
  await lock.verify();
  await lock.release();
});

test('of another machine is taken over when it gave no sign of life for ten minutes', async () => {
  const fake = await openFakeS3();
  const lock = await acquire(fake, elsewhere);
  age(fake, 9 * 60_000);
  const error = await refusedWith(acquire(fake, own));
  expect(error.message).toContain('another machine or container');
  expect(error.message).toMatch(/last sign of life was (9 min|8 min 5\d s)/);
  age(fake, 10 * 60_000 + 2000);
  const mine = await acquire(fake, own);
  await refusedWith(lock.verify());
  await mine.release();
});

test('gives a sign of life each minute', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const fake = await openFakeS3();
  const lock = await acquire(fake, elsewhere);
  age(fake, 3_600_000);
  const before = fake.objects.get(key);
  vi.advanceTimersByTime(60_000);
  await vi.waitFor(() => expect(fake.objects.get(key)?.modified).not.toBe(before?.modified));
  await lock.verify();
  vi.useRealTimers();
  await lock.release();
});

test('is lost with its object, and what is no lock is left alone', async () => {
  const fake = await openFakeS3();
  const lock = await acquire(fake, own);
  fake.objects.delete(key);
  expect((await refusedWith(lock.verify())).message).toContain('its lock is gone');
  await lock.release();
  expect(fake.objects.has(key)).toBe(false);
  await openBucket(fake).put(name, 'hello');
  expect((await refusedWith(acquire(fake, own))).message).toContain('is no lock of gong-elt');
  expect(String(fake.objects.get(key)?.body)).toBe('hello');
});
