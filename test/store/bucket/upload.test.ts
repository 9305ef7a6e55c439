// Files into objects and back: whole or in parts, and nothing of what fails stays.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { downloadFile } from '../../../src/store/bucket/download.ts';
import { uploadFile } from '../../../src/store/bucket/upload.ts';
import { openFolder } from '../../support/folder.ts';
import { refusedWith } from '../../support/http-servers.ts';
import { type OpenOptions, openBucket, openFakeS3 } from '../../support/open-bucket.ts';

const megabyte = 2 ** 20;

async function openUpload(bytes: number, options: OpenOptions = {}) {
  const fake = await openFakeS3();
  const folder = await openFolder();
  const path = join(folder, 'file.parquet');
  const content = randomBytes(bytes);
  await writeFile(path, content);
  const { requests } = openBucket(fake, options);
  const key = 'gong/lake/calls/month=2026-11/file.parquet';
  const isSingleWriter = options.isSingleWriter ?? false;
  const upload = () =>
    uploadFile(path, { requests, key, isSingleWriter, limits: { whole: megabyte, part: megabyte / 2 } });
  return { fake, folder, path, content, key, requests, upload };
}

const isComplete = (method: string, url: URL) => method === 'POST' && url.searchParams.has('uploadId');

describe.each([
  ['whole', megabyte / 2],
  ['in parts', 1.75 * megabyte],
])('a file %s', (_name, bytes) => {
  test('arrives, and comes back the same', async () => {
    const { fake, folder, content, key, requests, upload } = await openUpload(bytes);
    await upload();
    expect(fake.objects.get(key)?.body.equals(content)).toBe(true);
    expect(fake.uploads.size).toBe(0);
    const back = join(folder, 'cache', 'back.parquet');
    await downloadFile(requests, key, back);
    expect((await readFile(back)).equals(content)).toBe(true);
    expect((await stat(back)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'cache'))).toEqual(['back.parquet']);
  });

  test('arrives although the answer to its last step is lost, and every later one', async () => {
    const { fake, content, key, upload } = await openUpload(bytes, { tries: 2 });
    fake.faults.loseAnswer = (method, _key, url) =>
      isComplete(method, url) || (method === 'PUT' && !url.searchParams.has('uploadId'));
    await upload();
    expect(fake.objects.get(key)?.body.equals(content)).toBe(true);
  });

  test('that is there already is not written over when it is another one', async () => {
    const { fake, key, upload } = await openUpload(bytes);
    const theirs = { body: Buffer.from('theirs'), etag: '"x"', modified: 0, meta: {} };
    fake.objects.set(key, theirs);
    const error = await refusedWith(upload());
    expect(error.message).toContain('412');
    expect(fake.objects.get(key)).toBe(theirs);
    expect(fake.uploads.size).toBe(0);
  });

  test('that is there already and is the same one is done', async () => {
    const { fake, upload } = await openUpload(bytes);
    await upload();
    await upload();
    expect(fake.objects.size).toBe(1);
    expect(fake.uploads.size).toBe(0);
  });
});

describe('an upload in parts', () => {
  test('that fails on its way leaves no parts behind', async () => {
    const { fake, upload } = await openUpload(1.75 * megabyte, { tries: 2 });
    fake.faults.refuse = (_method, _key, url) =>
      url.searchParams.get('partNumber') === '2' ? { status: 500, code: 'InternalError' } : undefined;
    expect((await refusedWith(upload())).message).toContain('InternalError');
    expect(fake.uploads.size).toBe(0);
    expect(fake.objects.size).toBe(0);
  });

  test('begins anew after a conflict at its end', async () => {
    const { fake, content, key, upload } = await openUpload(1.75 * megabyte);
    let conflicts = 2;
    fake.faults.refuse = (method, _key, url) =>
      isComplete(method, url) && conflicts-- > 0 ? { status: 409, code: 'ConditionalRequestConflict' } : undefined;
    await upload();
    expect(fake.objects.get(key)?.body.equals(content)).toBe(true);
    expect(fake.uploads.size).toBe(0);
  });

  test('whose end is answered with 200 and an error is ended again', async () => {
    const { fake, content, key, upload } = await openUpload(1.75 * megabyte);
    let errors = 2;
    fake.faults.refuse = (method, _key, url) =>
      isComplete(method, url) && errors-- > 0 ? { status: 200, code: 'InternalError' } : undefined;
    await upload();
    expect(fake.objects.get(key)?.body.equals(content)).toBe(true);
    expect(fake.uploads.size).toBe(0);
  });
});

test('an empty file goes up and comes down', async () => {
  const { folder, key, requests, upload } = await openUpload(0);
  await upload();
  await downloadFile(requests, key, join(folder, 'back'));
  expect((await stat(join(folder, 'back'))).size).toBe(0);
});

test('what is not there is not left as a file', async () => {
  const { folder, requests } = await openUpload(1);
  expect((await refusedWith(downloadFile(requests, 'gong/none', join(folder, 'x', 'none')))).message).toContain('404');
  expect(await readdir(join(folder, 'x'))).toEqual([]);
});
