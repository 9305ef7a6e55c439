// Answers that are lost, late or refused, and lists that are not up to date.
import { describe, expect, test } from 'vitest';
import { refusedWith } from '../../support/http-servers.ts';
import { openBucket, openFakeS3 } from '../../support/open-bucket.ts';

const key = (name: string) => `gong/lake/${name}`;

/** True for the first `count` times. */
function times(count: number): () => boolean {
  let left = count;
  return () => left-- > 0;
}

describe('creating', () => {
  test('asks again when an answer is lost, and knows its own content: created once', async () => {
    const fake = await openFakeS3();
    const isLost = times(1);
    fake.faults.loseAnswer = (method) => method === 'PUT' && isLost();
    expect(await openBucket(fake).create('log/1.json', 'ours')).toBe(true);
    expect(fake.seen.filter((line) => line.startsWith('PUT'))).toHaveLength(2);
  });

  test('every answer to a write is lost: what stands there decides', async () => {
    const fake = await openFakeS3();
    fake.faults.loseAnswer = (method) => method === 'PUT';
    expect(await openBucket(fake, { tries: 2 }).create('log/1.json', 'ours')).toBe(true);
    expect(await openBucket(fake, { tries: 2 }).create('log/1.json', 'theirs')).toBe(false);
    expect(fake.objects.get(key('log/1.json'))?.body.toString()).toBe('ours');
  });

  test('no answer and nothing there is an error that says where', async () => {
    const fake = await openFakeS3();
    await fake.close();
    const error = await refusedWith(openBucket(fake, { tries: 2 }).create('log/1.json', 'ours'));
    expect(error).toMatchObject({ area: 'destination', fields: { bucket: 'lakes', key: key('log/1.json') } });
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('an answer that takes too long counts as lost', async () => {
    const fake = await openFakeS3();
    fake.faults.delayMs = 2000;
    const error = await refusedWith(openBucket(fake, { tries: 1, deadlineMs: 100 }).read('x'));
    expect(error.message).toContain('no whole answer in time');
  });

  test.each([
    [503, 'SlowDown'],
    [500, 'InternalError'],
    [409, 'ConditionalRequestConflict'],
  ])('%i %s is asked again', async (status, code) => {
    const fake = await openFakeS3();
    const isRefused = times(3);
    fake.faults.refuse = (method) => (method === 'PUT' && isRefused() ? { status, code } : undefined);
    expect(await openBucket(fake).create('log/1.json', 'ours')).toBe(true);
    expect(fake.seen.filter((line) => line.startsWith('PUT'))).toHaveLength(4);
  });

  test('a store that never gets better is told with its code and a next step, and nothing is there', async () => {
    const fake = await openFakeS3();
    fake.faults.refuse = (method) => (method === 'PUT' ? { status: 503, code: 'SlowDown' } : undefined);
    const error = await refusedWith(openBucket(fake, { tries: 3 }).create('log/1.json', 'ours'));
    expect(error.message).toBe(
      'cannot write gong/lake/log/1.json in bucket lakes: the store is overloaded or broken (status 503, SlowDown)',
    );
    expect(error.hint).toContain('later');
    expect(fake.objects.size).toBe(0);
  });

  test('where the store heeds no conditions a single writer looks first', async () => {
    const fake = await openFakeS3();
    fake.faults.ignoresConditions = true;
    const bucket = openBucket(fake, { isSingleWriter: true });
    expect(await bucket.create('log/1.json', 'ours')).toBe(true);
    expect(await bucket.create('log/1.json', 'theirs')).toBe(false);
    expect(String(await bucket.read('log/1.json'))).toBe('ours');
  });
});

describe('replacing', () => {
  test('takes the place of the content that was read, and of no other', async () => {
    const fake = await openFakeS3();
    const [one, two] = [openBucket(fake), openBucket(fake)];
    await one.create('lock', 'first');
    const read = await two.readTagged('lock');
    expect(await one.replace('lock', 'second', read?.etag ?? '')).toBe(true);
    expect(await two.replace('lock', 'third', read?.etag ?? '')).toBe(false);
    await one.remove('lock');
    expect(await two.replace('lock', 'third', read?.etag ?? '')).toBe(false);
    expect(fake.objects.size).toBe(0);
  });

  test('of many who replace one content at once exactly one wins', async () => {
    const fake = await openFakeS3();
    const buckets = [openBucket(fake), openBucket(fake)];
    await buckets[0]?.create('lock', 'free');
    const etag = (await buckets[0]?.readTagged('lock'))?.etag ?? '';
    const won = await Promise.all(
      Array.from({ length: 16 }, (_, index) => buckets[index % 2]?.replace('lock', `holder ${index}`, etag)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(String(fake.objects.get(key('lock'))?.body)).toBe(`holder ${won.indexOf(true)}`);
  });

  test('a lost answer to it is no defeat', async () => {
    const fake = await openFakeS3();
    const bucket = openBucket(fake);
    await bucket.create('lock', 'free');
    const etag = (await bucket.readTagged('lock'))?.etag ?? '';
    const isLost = times(1);
    fake.faults.loseAnswer = (method) => method === 'PUT' && isLost();
    expect(await bucket.replace('lock', 'ours', etag)).toBe(true);
  });

  test('tells the age of a content by the clock of the store alone', async () => {
    const fake = await openFakeS3();
    const bucket = openBucket(fake, { now: () => Date.parse('2001-01-01') });
    await bucket.create('lock', 'x');
    const object = fake.objects.get(key('lock'));
    if (object !== undefined) fake.objects.set(key('lock'), { ...object, modified: Date.now() - 3_600_000 });
    expect((await bucket.readTagged('lock'))?.ageMs).toBeGreaterThan(3_590_000);
    expect((await bucket.readTagged('lock'))?.ageMs).toBeLessThan(3_700_000);
  });
});

describe('listing', () => {
  test('names folders, and walks through all files with size and time, page by page', async () => {
    const fake = await openFakeS3();
    fake.faults.pageSize = 3;
    const bucket = openBucket(fake);
    for (let index = 0; index < 10; index++) await bucket.create(`t${index % 3}/f/${index}`, 'x'.repeat(index));
    expect(await bucket.folders('')).toEqual(['t0', 't1', 't2']);
    expect(await bucket.folders('t0/')).toEqual(['f']);
    const sizes = new Map<string, number>();
    for await (const { name, size, modifiedAt } of bucket.walk('t')) {
      sizes.set(name, size);
      expect(Math.abs(modifiedAt - Date.now())).toBeLessThan(60_000);
    }
    expect(sizes.size).toBe(10);
    expect(sizes.get('t0/f/9')).toBe(9);
  });

  test('an answer that is no list is an error, not an empty folder', async () => {
    const fake = await openFakeS3();
    fake.faults.refuse = (method) => (method === 'GET' ? { status: 200, code: 'Odd' } : undefined);
    expect((await refusedWith(openBucket(fake).list(''))).message).toContain('cannot list bucket lakes');
  });
});

describe('refusals', () => {
  test('no such bucket', async () => {
    const fake = await openFakeS3();
    const error = await refusedWith(openBucket(fake, { address: 's3://other/lake' }).read('x'));
    expect(error.message).toBe(
      'cannot read lake/x in bucket other: there is no such bucket (status 404, NoSuchBucket)',
    );
    expect(error.hint).toContain('AWS_ENDPOINT_URL_S3');
  });

  test('the wrong region, with the right one named', async () => {
    const fake = await openFakeS3();
    fake.faults.region = 'eu-central-1';
    const error = await refusedWith(openBucket(fake).list(''));
    expect(error.message).toContain('the bucket is in the region eu-central-1, not in us-east-1');
    expect(error).toMatchObject({ area: 'config', hint: 'set AWS_REGION=eu-central-1' });
  });

  test('a clock that is wrong', async () => {
    const fake = await openFakeS3();
    fake.faults.now = Date.now();
    const error = await refusedWith(openBucket(fake, { now: () => Date.now() - 3_600_000 }).list(''));
    expect(error.message).toContain('RequestTimeTooSkewed');
    expect(error.hint).toContain('clock');
  });

  test('access denied names the permission that is missing, and no message of the store', async () => {
    const fake = await openFakeS3();
    fake.faults.refuse = () => ({ status: 403, code: 'AccessDenied' });
    const error = await refusedWith(openBucket(fake).put('x', 'y'));
    expect(error).toMatchObject({ area: 'credentials' });
    expect(error.hint).toContain('s3:PutObject');
    expect(`${error.message}${error.hint}${JSON.stringify(error.fields)}`).not.toContain('AKIA');
  });

  test('keys that the store does not know, or that do not fit', async () => {
    const fake = await openFakeS3();
    const unknown = openBucket(fake, { credentials: () => ({ accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' }) });
    expect((await refusedWith(unknown.list(''))).hint).toContain('AWS_ACCESS_KEY_ID');
    const wrong = openBucket(fake, {
      credentials: () => ({ accessKeyId: 'AKIAFAKEFAKEFAKEFAKE', secretAccessKey: 'wrong' }),
    });
    expect((await refusedWith(wrong.list(''))).hint).toContain('AWS_SECRET_ACCESS_KEY');
  });

  test('credentials that have expired are got anew once; old ones again are told', async () => {
    const fake = await openFakeS3();
    fake.faults.expired.add('old');
    let asked = 0;
    const keys = { accessKeyId: 'AKIAFAKEFAKEFAKEFAKE', secretAccessKey: 'fakeSecret/fakeSecret+fakeSecret' };
    const renewing = openBucket(fake, {
      credentials: () => ({ ...keys, sessionToken: asked++ === 0 ? 'old' : 'new' }),
    });
    await renewing.put('x', 'y');
    expect(asked).toBe(2);
    const stuck = openBucket(fake, { credentials: () => ({ ...keys, sessionToken: 'old' }) });
    expect((await refusedWith(stuck.put('x', 'y'))).message).toContain('the credentials have expired');
  });
});
