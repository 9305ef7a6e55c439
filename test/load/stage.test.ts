// Staging files: what is in them, who may read them, and that they go.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clearStagingFolder, createStage } from '../../src/load/stage.ts';
import { streamOf, text } from '../contracts/batches.ts';

const calls = streamOf('calls', { id: text });
const other = streamOf('other', { id: text });

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const objectsIn = (files: readonly string[]) =>
  files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n')).map((line) => JSON.parse(line));

describe('a stage', () => {
  test('adds number, time and remarks to each object, whatever its white space, and measures the longest line', async () => {
    const stage = createStage(join(await createFolder(), '0'));
    const lines = ['{"id":"1"}', ' { "id" : "2" } ', '{}', '{\t}', '{"id":"é🙂"}'];
    for (const [seq, line] of lines.entries())
      stage.append(
        calls,
        Buffer.from(line),
        { emittedAt: 1000 + seq, meta: seq === 4 ? '{"changes":[]}' : undefined },
        seq,
      );
    const { streams } = stage.seal();
    expect(streams).toHaveLength(1);
    const [staged] = streams;
    expect(objectsIn(staged?.files ?? [])).toEqual([
      { __gong_elt_seq: 0, __gong_elt_emitted_at: 1000, id: '1' },
      { __gong_elt_seq: 1, __gong_elt_emitted_at: 1001, id: '2' },
      { __gong_elt_seq: 2, __gong_elt_emitted_at: 1002 },
      { __gong_elt_seq: 3, __gong_elt_emitted_at: 1003 },
      { __gong_elt_seq: 4, __gong_elt_emitted_at: 1004, __gong_elt_meta: { changes: [] }, id: 'é🙂' },
    ]);
    const written = readFileSync(staged?.files[0] as string);
    expect(staged).toMatchObject({ rows: 5, bytes: written.length });
    expect(staged?.longestLine).toBe(
      Math.max(
        ...written
          .toString('latin1')
          .split('\n')
          .map((line) => line.length + 1),
      ),
    );
    expect(stage.bytes).toBe(written.length);
  });

  test('keeps remarks whole whose letters take more bytes than characters, wherever a full buffer ends', async () => {
    const stage = createStage(join(await createFolder(), '0'));
    // Some end just before the end of a buffer, and one is longer than a buffer.
    const metaOf = (seq: number) => ({ why: '語é🙂'.repeat(seq === 2000 ? 60_000 : seq % 97) });
    for (let seq = 0; seq < 4000; seq++)
      stage.append(
        calls,
        Buffer.from(JSON.stringify({ id: `${seq}` })),
        { emittedAt: 1, meta: JSON.stringify(metaOf(seq)) },
        seq,
      );
    const objects = objectsIn(stage.seal().streams[0]?.files ?? []);
    expect(objects).toHaveLength(4000);
    for (const [seq, { id, __gong_elt_meta }] of objects.entries())
      expect([id, __gong_elt_meta]).toEqual([`${seq}`, metaOf(seq)]);
  });

  test('keeps streams apart and cuts them into files, the order of arrival kept', async () => {
    const stage = createStage(join(await createFolder(), '0'));
    const filler = 'x'.repeat(400_000);
    for (let seq = 0; seq < 60; seq++)
      stage.append(
        seq % 2 ? other : calls,
        Buffer.from(JSON.stringify({ id: `${seq}`, filler })),
        { emittedAt: 1 },
        seq,
      );
    const { streams } = stage.seal();
    expect(streams.map(({ configured, rows }) => [configured.stream.name, rows])).toEqual([
      ['calls', 30],
      ['other', 30],
    ]);
    for (const { files } of streams) {
      expect(files.length).toBeGreaterThan(1);
      const seqs = objectsIn(files).map((object) => object.__gong_elt_seq);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
  });

  test('copies what it is given', async () => {
    const stage = createStage(join(await createFolder(), '0'));
    const data = Buffer.from('{"id":"1"}');
    stage.append(calls, data, { emittedAt: 1 }, 0);
    data.fill(0);
    expect(objectsIn(stage.seal().streams[0]?.files ?? [])).toMatchObject([{ id: '1' }]);
  });

  test('is readable by its owner only, and gone after remove', async () => {
    const folder = join(await createFolder(), '0');
    const stage = createStage(folder);
    stage.append(calls, Buffer.from('{"id":"1"}'), { emittedAt: 1 }, 0);
    const [staged] = stage.seal().streams;
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(staged?.files[0] as string).mode & 0o777).toBe(0o600);
    stage.remove();
    expect(existsSync(folder)).toBe(false);
  });

  test('has the same digest for the same bytes, and another for others', async () => {
    const folder = await createFolder();
    let stages = 0;
    const digest = (records: readonly (readonly [typeof calls, string, number])[]) => {
      const stage = createStage(join(folder, String(stages++)));
      for (const [seq, [stream, id, emittedAt]] of records.entries())
        stage.append(stream, Buffer.from(JSON.stringify({ id })), { emittedAt }, seq);
      return stage.seal().digest;
    };
    const record = fc.tuple(fc.constantFrom(calls, other), fc.string(), fc.constantFrom(1, 2));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), fc.array(record, { maxLength: 5 }), (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        expect(digest(a) === digest(b)).toBe(isSame);
        expect(digest(a)).toBe(digest(a));
      }),
      { numRuns: 50 },
    );
  });

  test('says where there is no room to write, and what to do', async () => {
    const folder = await createFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(() => createStage(join(folder, 'file', '0'))).toThrow(
      expect.objectContaining({
        area: 'destination',
        message: expect.stringContaining(join(folder, 'file')),
        hint: expect.any(String),
      }),
    );
  });
});

test('clearing the folder removes what a killed load left', async () => {
  const folder = join(await createFolder(), 'staging');
  mkdirSync(join(folder, '7'), { recursive: true });
  writeFileSync(join(folder, '7', '0-0.jsonl'), 'a sentence');
  clearStagingFolder(folder);
  expect(readdirSync(folder)).toEqual([]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});
