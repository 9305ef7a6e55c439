// A lake in an object store of others: moto holds the contract of stores, a target loads into it, and programs of others read it there.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { downloadFile } from '../../src/store/bucket/download.ts';
import { probeBucket } from '../../src/store/bucket/probe.ts';
import { uploadFile } from '../../src/store/bucket/upload.ts';
import { storeContract } from '../contracts/store.ts';
import { openFolder } from '../support/folder.ts';
import { openBucket } from '../support/open-bucket.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { noteVerified } from './verified.ts';

const moto = { url: '', stop: () => {} };
let places = 0;

beforeAll(async () => {
  const port = await freePort();
  const child = spawn(programOf('moto', 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  moto.stop = () => void child.kill('SIGKILL');
  moto.url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    if (await fetch(moto.url).catch(() => undefined)) break;
    await sleep(100);
  }
  // It looks at no signatures.
  expect((await fetch(`${moto.url}/lakes`, { method: 'PUT' })).status).toBe(200);
}, 60_000);

afterAll(() => moto.stop());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

const openIn = (prefix: string) => openBucket(moto, { address: `s3://lakes/${prefix}` });
const noted = (what: string) => noteVerified('moto', versionOf('moto', 'moto'), what);

storeContract('bucket of moto', async () => {
  places += 1;
  return [openIn(`place-${places}`), openIn(`place-${places}`)];
});

describe('moto', () => {
  test('passes the probe', async () => {
    const bucket = openIn('probed');
    await probeBucket(bucket, { shown: 's3://lakes/probed', isSingleWriter: false, now: Date.now() });
    expect(await bucket.list('')).toEqual([]);
    noted('conditional writes are heeded, by the probe of gong-elt check');
  });

  test('takes a file in parts once, and gives it back in pieces', async () => {
    const folder = await openFolder();
    const content = randomBytes(12 * 2 ** 20);
    await writeFile(join(folder, 'file'), content);
    const { requests } = openIn('');
    const options = {
      requests,
      key: 'parts/file',
      isSingleWriter: false,
      limits: { whole: 2 ** 20, part: 5 * 2 ** 20 },
    };
    await uploadFile(join(folder, 'file'), options);
    await uploadFile(join(folder, 'file'), options);
    await writeFile(join(folder, 'other'), 'other');
    await expect(uploadFile(join(folder, 'other'), options)).rejects.toThrow('412');
    await downloadFile(requests, 'parts/file', join(folder, 'back'));
    const uploads = await requests.ask({ method: 'GET', query: { uploads: '' }, action: 'list' });
    expect(uploads.body.toString()).not.toContain('<UploadId>');
    noted('uploads in parts, once, with nothing left behind');
  });
});

describe.each([
  ['delta-rs', 'deltalake'],
  ['polars', 'polars'],
])('%s', (reader, distribution) => {
  test('reads a lake in the bucket as a target left it: created, changed, with a new column', async () => {
    const folder = await openFolder();
    const env = {
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'AKIAFAKEFAKEFAKEFAKE',
      AWS_SECRET_ACCESS_KEY: 'fakeSecret/fakeSecret+fakeSecret',
      AWS_REGION: 'us-east-1',
      AWS_ALLOW_HTTP: 'true',
    };
    const address = `s3://lakes/${reader}/lake`;
    await writeFile(join(folder, 'target.json'), JSON.stringify({ path: address }));
    const load = async (messages: object[]) => {
      const bin = join(import.meta.dirname, '../../dist/bin/target-duckdb-parquet.js');
      const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
      const done = await run(process.execPath, [bin, '--config', join(folder, 'target.json')], { env, input });
      expect(done).toMatchObject({ code: 0 });
    };
    const schema = (more = {}) => ({
      type: 'SCHEMA',
      stream: 'users',
      key_properties: ['id'],
      schema: { properties: { id: { type: 'string' }, name: { type: ['null', 'string'] }, ...more } },
    });
    const record = (id: string, more: object) => ({ type: 'RECORD', stream: 'users', record: { id, ...more } });
    await load([schema(), record('1', { name: 'Ada' }), record('2', { name: 'Grüße 😀' })]);
    await load([schema({ age: { type: ['null', 'integer'] } }), record('2', { name: 'Bo', age: 7 }), record('3', {})]);
    const script = join(import.meta.dirname, 'read_lake.py');
    const python = programOf('lake-readers', 'python');
    const { code, stdout, stderr } = await run(python, [script, reader, `${address}/users`], { env });
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: { id: string }[] };
    expect(rows.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: '1', name: 'Ada', age: null },
      { id: '2', name: 'Bo', age: '7' },
      { id: '3', name: null, age: null },
    ]);
    noteVerified(reader, versionOf('lake-readers', distribution), 'reads a lake in an object store (moto)');
  });
});
