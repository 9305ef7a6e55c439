import { describe, expect, test } from 'vitest';
import { probeBucket } from '../../../src/store/bucket/probe.ts';
import type { FakeS3 } from '../../support/fake-s3.ts';
import { refusedWith } from '../../support/http-servers.ts';
import { openBucket, openFakeS3 } from '../../support/open-bucket.ts';

const probe = (fake: FakeS3, isSingleWriter = false, now = Date.now()) =>
  probeBucket(openBucket(fake, { isSingleWriter }), { shown: 's3://lakes/gong/lake', isSingleWriter, now });

describe('the probe of a bucket', () => {
  test('passes where names are given once, and leaves nothing behind', async () => {
    const fake = await openFakeS3();
    await probe(fake);
    expect(fake.objects.size).toBe(0);
  });

  test.each([
    [true, 'If-None-Match'],
    ['if-match', 'If-Match'],
  ] as const)('refuses a store that ignores conditions (%s), and says what to do', async (ignored, header) => {
    const fake = await openFakeS3();
    fake.faults.ignoresConditions = ignored;
    const error = await refusedWith(probe(fake));
    expect(error).toMatchObject({ area: 'destination', fields: { header } });
    expect(error.hint).toContain('single_writer: true');
    expect(fake.objects.size).toBe(0);
  });

  test('refuses one that refuses the header', async () => {
    const fake = await openFakeS3();
    let puts = 0;
    fake.faults.refuse = (method) =>
      method === 'PUT' && ++puts > 1 ? { status: 501, code: 'NotImplemented' } : undefined;
    expect((await refusedWith(probe(fake))).message).toContain('does not heed If-None-Match');
    expect(fake.objects.size).toBe(0);
  });

  test('takes it where a person says that nobody else writes', async () => {
    const fake = await openFakeS3();
    fake.faults.ignoresConditions = true;
    await probe(fake, true);
    expect(fake.objects.size).toBe(0);
  });

  test.each([
    ['PUT', 's3:PutObject'],
    ['GET', 's3:ListBucket'],
  ])('a right that is missing is told (%s)', async (denied, permission) => {
    const fake = await openFakeS3();
    fake.faults.refuse = (method) => (method === denied ? { status: 403, code: 'AccessDenied' } : undefined);
    const error = await refusedWith(probe(fake));
    expect(error.area).toBe('credentials');
    expect(error.hint).toContain(permission);
  });

  test('removes uploads that were left behind below our prefix a day ago, and no others', async () => {
    const fake = await openFakeS3();
    const day = 24 * 3_600_000;
    const begin = (id: string, key: string, ageMs: number) =>
      fake.uploads.set(id, { key, parts: new Map(), meta: {}, begun: Date.now() - ageMs });
    begin('old', 'gong/lake/calls/a.parquet', 2 * day);
    begin('young', 'gong/lake/calls/b.parquet', day / 2);
    begin('foreign', 'elsewhere/c.parquet', 2 * day);
    await probe(fake);
    expect([...fake.uploads.keys()]).toEqual(['young', 'foreign']);
  });
});
