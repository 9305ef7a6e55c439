// The temporary folder in front of a bucket: what is brought, kept, and made room for.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { createMirror } from '../../../src/store/bucket/mirror.ts';
import { openFolder } from '../../support/folder.ts';
import { openBucket, openFakeS3 } from '../../support/open-bucket.ts';

async function openWorld(mostBytes: number) {
  const fake = await openFakeS3();
  const bucket = openBucket(fake);
  const root = await openFolder();
  for (const name of ['a', 'b', 'c', 'd']) await bucket.put(`t/${name}`, name.repeat(100));
  const address = 's3://lakes/gong/lake/';
  const mirror = createMirror({ bucket, address, root, isSingleWriter: false, clock: systemClock, mostBytes });
  const here = async () => {
    const found: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      if ((await stat(join(root, 't', name)).catch(() => undefined)) !== undefined) found.push(name);
    return found.join('');
  };
  const reads = (name: string) => fake.seen.filter((line) => line === `GET gong/lake/t/${name}`).length;
  return { fake, root, mirror, here, reads };
}

test('a file is brought once, also when several ask for it at a time', async () => {
  const { root, mirror, reads } = await openWorld(1e6);
  const { store } = mirror.open(false);
  await Promise.all([store.bring(['t/a']), store.bring(['t/a', 't/b'])]);
  await store.bring(['t/a']);
  expect(String(await readFile(join(root, 't/a')))).toBe('a'.repeat(100));
  expect(reads('a')).toBe(1);
});

test('room is made by what was not used for longest, and never by what is asked for now', async () => {
  const { mirror, here } = await openWorld(250);
  const { store } = mirror.open(false);
  await store.bring(['t/a', 't/b']);
  await store.bring(['t/a']);
  await store.bring(['t/c']);
  expect(await here()).toBe('ac');
  await store.bring(['t/a', 't/b', 't/c', 't/d']);
  expect(await here()).toBe('abcd');
});

test('what a reader keeps stays until it is closed', async () => {
  const { mirror, here } = await openWorld(150);
  const reader = mirror.open(true);
  const other = mirror.open(true);
  const writer = mirror.open(false);
  await reader.store.bring(['t/a']);
  await other.store.bring(['t/a', 't/b']);
  await writer.store.bring(['t/c']);
  await writer.store.bring(['t/d']);
  expect(await here()).toBe('abd');
  reader.forget();
  await writer.store.bring(['t/d']);
  expect(await here()).toBe('abd');
  other.forget();
  await writer.store.bring(['t/d']);
  expect(await here()).toBe('d');
});

test('a file that is taken is in the bucket first, and here; one that is removed is in neither', async () => {
  const { fake, root, mirror, here } = await openWorld(1e6);
  const { store } = mirror.open(false);
  await writeFile(join(root, 'part'), 'e'.repeat(100));
  await store.take(join(root, 'part'), 't/e');
  expect(fake.objects.get('gong/lake/t/e')?.body.length).toBe(100);
  expect(await here()).toBe('e');
  expect(store.addressOf('t/e')).toBe('s3://lakes/gong/lake/t/e');
  await store.remove('t/e');
  expect(fake.objects.has('gong/lake/t/e')).toBe(false);
  expect(await here()).toBe('');
});
