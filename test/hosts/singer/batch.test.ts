// BATCH messages through the executable: files of JSON lines, plain and packed, read as if their records had been sent.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { warehouseIn } from '../../destinations/duckdb/warehouse.ts';
import { runGongElt } from '../../support/run-node.ts';
import { toInput } from './bins.ts';
import { activate, deal, openModesPlace, schema, state } from './modes-place.ts';

const batch = (manifest: readonly string[], encoding: unknown = { format: 'jsonl', compression: 'gzip' }, more = {}) =>
  ({ type: 'BATCH', stream: 'deals', encoding, manifest, ...more }) as unknown as JsonObject;
const rowsText = (ids: readonly string[]) => ids.map((id) => `${JSON.stringify({ id, amount: 2 })}\n`).join('');

async function openPlace(settings: JsonObject = {}) {
  const place = await openModesPlace(warehouseIn, settings);
  return {
    ...place,
    async put(name: string, content: string | Buffer) {
      await writeFile(join(place.folder, name), content);
      return `file://${join(place.folder, name)}`;
    },
  };
}

test('records come in their order between those that were sent, and states cover them', async () => {
  const place = await openPlace();
  const packed = await place.put('one.jsonl.gz', gzipSync(rowsText(['a', 'b'])));
  const plain = await place.put('two.jsonl', rowsText(['c', 'a']).trimEnd());
  const ended = await place.load([
    schema(),
    deal('a'),
    batch([packed, plain]),
    state(1),
    deal('c', undefined, { amount: 9 }),
    state(2),
  ]);
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: '{"n":2}\n' });
  expect(await place.rows('SELECT id, amount FROM deals ORDER BY id')).toEqual([
    { id: 'a', amount: 2 },
    { id: 'b', amount: 2 },
    { id: 'c', amount: 9 },
  ]);
});

test('what is packed is seen by its first bytes, and a relative name begins in the working directory', async () => {
  const place = await openPlace();
  await mkdir(join(place.folder, 'sub'));
  await place.put('sub/named-plain.jsonl', gzipSync(rowsText(['a'])));
  await place.put('sub/named packed.jsonl.gz', rowsText(['b']));
  const names = ['file://sub/named-plain.jsonl', 'sub/named packed.jsonl.gz'];
  expect((await place.load([schema(), batch(names), state(1)])).code).toBe(0);
  expect(await place.ids()).toEqual(['a', 'b']);
});

test('keeps digits that a careless reader would change', async () => {
  const place = await openPlace();
  const file = await place.put('x.jsonl', '{"id":"a\\ud800","amount":12345678901234567890123}\n\n');
  expect((await place.load([schema(), batch([file]), state(1)])).code).toBe(0);
  expect(await place.rows('SELECT id, amount::VARCHAR AS amount FROM deals')).toEqual([
    { id: 'a\ufffd', amount: '12345678901234567890123' },
  ]);
});

test('its version is the one of its records', async () => {
  const place = await openPlace({ hard_delete: true });
  await place.load([schema(), deal('old', 1), activate(1), state(1)]);
  const file = await place.put('x.jsonl', rowsText(['a']));
  const second = [schema(), batch([file], { format: 'jsonl' }, { version: 2 }), activate(2), state(2)];
  expect((await place.load(second)).code).toBe(0);
  expect(await place.ids()).toEqual(['a']);
});

test('many records take the memory of a few', async () => {
  const place = await openPlace();
  const line = (n: number) => `${JSON.stringify({ id: String(n), amount: n, note: 'x'.repeat(400) })}\n`;
  const file = await place.put('x.jsonl.gz', gzipSync(Array.from({ length: 120_000 }, (_, n) => line(n)).join('')));
  const env = { NODE_OPTIONS: '--max-old-space-size=40' };
  const ended = await place.load([schema({ note: { type: 'string' } }), batch([file]), state(1)], { env });
  expect(ended.code, ended.stderr.slice(-500)).toBe(0);
  expect(await place.rows('SELECT count(*)::INTEGER AS n, sum(amount)::BIGINT AS s FROM deals')).toEqual([
    { n: 120_000, s: (120_000 * 119_999) / 2 },
  ]);
});

test('SIGTERM in the middle of a file: what was read is stored, and a state behind it is not printed', async () => {
  const place = await openPlace({ batch_size_rows: 1000 });
  const count = 200_000;
  const file = await place.put('x.jsonl', rowsText(Array.from({ length: count }, (_, n) => String(n))));
  let isAsked = false;
  const ended = await place.load([schema(), deal('first'), state(1), batch([file]), state(2)], {
    env: { TARGET_DUCKDB_PARQUET_LOGLEVEL: 'debug' },
    onError: (child, stderr) => {
      if (isAsked || !stderr.includes('batch committed')) return;
      isAsked = child.kill('SIGTERM');
    },
  });
  expect(ended).toMatchObject({ signal: 'SIGTERM', stdout: '{"n":1}\n' });
  const [stored] = await place.rows('SELECT count(*)::INTEGER AS n FROM deals');
  expect(stored?.['n']).toBeGreaterThan(0);
  expect(stored?.['n']).toBeLessThan(count);
});

describe('the load ends, with what came before stored', () => {
  test.each([
    ['another format', batch(['x.parquet'], { format: 'parquet', compression: 'gzip' }), 'the format "parquet"'],
    ['another compression', batch(['x'], { format: 'jsonl', compression: 'zstd' }), 'the compression "zstd"'],
    ['no encoding', batch(['x'], null), 'the format'],
    ['another place', batch(['s3://bucket/x.jsonl']), 'is not on this machine (s3://)'],
    ['a file that is not there', batch(['none.jsonl']), '"none.jsonl" cannot be read (ENOENT)'],
    ['a folder', batch(['.']), 'is not a plain file'],
    ['a line that is no record', batch(['bad.jsonl']), '"bad.jsonl" has no record in line 2'],
    ['a packed file that is torn', batch(['torn.jsonl.gz']), '"torn.jsonl.gz" cannot be read'],
    ['a stream without a schema', { ...batch(['good.jsonl']), stream: 'other' }, 'no SCHEMA came for'],
  ])('at %s', async (_, message, words) => {
    const place = await openPlace();
    await place.put('good.jsonl', rowsText(['x']));
    await place.put('bad.jsonl', `${rowsText(['x'])}canary\n`);
    await place.put('torn.jsonl.gz', gzipSync(rowsText(['x'])).subarray(0, -9));
    const ended = await place.load([schema(), deal('a'), state(1), message, state(2)]);
    expect(ended).toMatchObject({ code: 7, stdout: '{"n":1}\n' });
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).toContain('Line 4 of the input');
    expect(ended.stderr).not.toContain('canary');
    expect(await place.ids()).toContain('a');
  });
});

describe('batch_root', () => {
  test('lets in what lies below it, links followed', async () => {
    const place = await openPlace({ batch_root: 'in' });
    await mkdir(join(place.folder, 'in'));
    await place.put('in/x.jsonl', rowsText(['x']));
    const outside = await place.put('outside.jsonl', rowsText(['y']));
    await symlink(join(place.folder, 'outside.jsonl'), join(place.folder, 'in', 'link.jsonl'));
    expect((await place.load([schema(), batch(['in/x.jsonl']), state(1)])).code).toBe(0);
    for (const name of [outside, 'in/link.jsonl', 'in/../outside.jsonl']) {
      const ended = await place.load([schema(), batch([name]), state(2)]);
      expect(ended, name).toMatchObject({ code: 7, stdout: '' });
      expect(ended.stderr).toContain('outside of batch_root');
    }
    expect(await place.ids()).toEqual(['x']);
  });

  test('of gong-elt load is the folder that it runs in', async () => {
    const place = await openPlace();
    await place.put('x.jsonl', rowsText(['x']));
    const outside = await openPlace();
    const far = await outside.put('y.jsonl', rowsText(['y']));
    const load = (name: string) =>
      runGongElt(['load', '--to', 'warehouse.duckdb'], {
        cwd: place.folder,
        input: toInput([schema(), batch([name])]),
      });
    expect((await load('x.jsonl')).code).toBe(0);
    const refused = await load(far);
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('outside of batch_root')]);
    expect(await place.ids()).toEqual(['x']);
  });
});
