// Which folders become a lake, which are refused before anything is spent, and what a disk that fails in the wrong moment does.
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createOnce } from '../../../src/destinations/lake/once.ts';
import { openFolder } from '../../../src/store/folder.ts';
import { canTrace, loadTraced, runTraced } from '../traced-load.ts';
import { call, commit, failAt, idsIn } from './calls.ts';
import { createLake, type Lake } from './lake.ts';

describe('the folder', () => {
  test('is refused when it holds other files, or is one, and is left alone', async () => {
    const lake = await createLake();
    await mkdir(lake.root);
    await writeFile(join(lake.root, 'holiday.jpg'), 'x');
    await expect(lake.open().preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('other files'),
    });
    expect(await readdir(lake.root)).toEqual(['holiday.jpg']);
    await rm(lake.root, { recursive: true });
    await writeFile(lake.root, 'x');
    await expect(lake.open().preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('is a file'),
    });
  });

  test('may be missing, empty, or hold the ledger and the lock of the first sync', async () => {
    const lake = await createLake();
    await lake.open().preflight();
    await expect(stat(lake.root)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(join(lake.root, '..'))).toEqual([]);
    await mkdir(lake.root);
    await lake.open().preflight();
    await writeFile(join(lake.root, '_runs.jsonl'), '');
    await writeFile(join(lake.root, '_runs.lock'), '');
    await lake.open().preflight();
    expect((await readdir(lake.root)).filter((name) => name !== '_gong_elt').sort()).toEqual([
      '_runs.jsonl',
      '_runs.lock',
    ]);
  });

  test('with a manifest is refused by name, by who writes and who reads', async () => {
    const lake = await createLake();
    await mkdir(join(lake.root, '_manifest'), { recursive: true });
    const refusal = {
      area: 'destination',
      message: expect.stringContaining('_manifest'),
      hint: expect.stringContaining('copy'),
    };
    const destination = lake.open();
    await expect(destination.preflight()).rejects.toMatchObject(refusal);
    await expect(destination.readState()).rejects.toMatchObject(refusal);
    await expect(lake.read('SELECT 1')).rejects.toMatchObject(refusal);
    expect(await readdir(lake.root)).toEqual(['_manifest']);
  });

  test('may be moved or copied as a whole', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00Z')]);
    const other = await createLake();
    for (const entry of await readdir(lake.root, { recursive: true, withFileTypes: true })) {
      const target = join(entry.parentPath, entry.name).replace(lake.root, other.root);
      if (entry.isDirectory()) await mkdir(target, { recursive: true });
      else
        await mkdir(join(target, '..'), { recursive: true }).then(() =>
          copyFile(join(entry.parentPath, entry.name), target),
        );
    }
    await rm(lake.root, { recursive: true });
    await commit(other, 'b2', [call('2', '2026-01-01T00:00:00Z')], 2);
    expect(await idsIn(other)).toEqual(['1', '2']);
  });

  test.each(['lake:after-write', 'lake:after-rename', 'lake:before-entry', 'lake:after-entry'])(
    'in which the very first commit broke off at %s is still a lake of ours',
    async (point) => {
      const lake = await createLake();
      await failAt(lake, point, 'b1', [call('1', null)]);
      await lake.open().preflight();
      expect(await lake.open().readState()).toBeUndefined();
      await commit(lake, 'b1', [call('1', null)]);
      expect(await idsIn(lake)).toEqual(['1']);
    },
  );
});

describe('a file that is created once', () => {
  test('is ours when it holds our content, whatever the last call said', async () => {
    const { root } = await createLake();
    await mkdir(root);
    const store = openFolder(root);
    expect(await createOnce(store, 'a', 'ours')).toBe(true);
    // A network file system may lose the answer and ask again: the name is taken then, by us.
    expect(await createOnce(store, 'a', 'ours')).toBe(true);
    expect(await createOnce(store, 'a', 'theirs')).toBe(false);
    expect(String(await store.read('a'))).toBe('ours');
  });
});

const link = 'link,linkat';
/** So many of the calls of a kind fail, one at a time; all of them in the long form. */
const most = process.env['GONG_ELT_SWEEP'] === undefined ? 6 : Number.POSITIVE_INFINITY;
const rename = 'rename,renameat,renameat2';

describe.runIf(canTrace)('a disk', () => {
  test.each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
    'L17 without hard links (%s) is refused before anything is loaded',
    async (code) => {
      for (const isThere of [false, true]) {
        const lake = await createLake();
        if (isThere) await commit(lake, 'b1', [call('1', null)]);
        const before = isThere ? await readdir(lake.root, { recursive: true }) : [];
        const config = join(lake.root, '..', 'target.json');
        await writeFile(config, JSON.stringify({ path: lake.root }));
        const target = join(import.meta.dirname, '../../../dist/bin/target-duckdb-parquet.js');
        const input = '{"type":"STATE","value":{}}\n';
        const refused = await runTraced(
          [target, '--config', config],
          { call: link, what: `error=${code === 'ENOTSUP' ? 'EOPNOTSUPP' : code}` },
          input,
        );
        expect(refused.code).toBe(7);
        expect(refused.stderr).toContain(`takes no hard links (${code})`);
        expect(refused.stderr).toContain('--to warehouse.duckdb');
        if (isThere) expect(await readdir(lake.root, { recursive: true })).toEqual(before);
        else await expect(stat(lake.root)).rejects.toMatchObject({ code: 'ENOENT' });
        expect((await readdir(join(lake.root, '..'))).filter((name) => name.includes('probe'))).toEqual([]);
      }
    },
  );

  test.each(['calls/_delta_log', 'tiny/_delta_log', '_gong_elt/state/sync'])(
    'L17 that fails after a name was given in %s has given it: the load goes on',
    async (folder) => {
      const lake = await createLake();
      const path = join(lake.root, folder);
      const done = await loadTraced(lake.root, { call: 'fsync', what: 'error=EIO', when: 1, path });
      expect([done.code, done.acknowledged], done.stderr).toEqual([0, 2]);
      expect(done.calls).toBeGreaterThan(1);
      expect(await idsIn(lake)).toHaveLength(12);
      expect(await idsIn(lake, 'tiny')).toEqual(['tiny 1', 'tiny 2']);
    },
  );

  async function expectWhole(lake: Lake, acknowledged: number, where: string) {
    const round = Number((await lake.open().readState())?.streams['calls']?.['round'] ?? 0);
    expect([acknowledged, acknowledged + 1], where).toContain(round);
    for (const [table, rows] of [
      ['calls', (n: number) => (n === 0 ? 0 : 10 + n)],
      ['tiny', (n: number) => n],
    ] as const) {
      const ids = await idsIn(lake, table).catch(() => []);
      expect([rows(round), rows(round + 1)], where).toContain(ids.length);
      expect(new Set(ids).size, where).toBe(ids.length);
    }
  }

  test.each([
    [link, 'error=EIO', 6],
    [link, 'signal=SIGKILL', 6],
    [rename, 'error=EIO', 4],
    [rename, 'signal=SIGKILL', 4],
    ['fsync', 'error=EIO', 20],
    ['fsync', 'signal=SIGKILL', 20],
  ])(
    'on which any %s ends with %s keeps whole batches, and the next load completes them',
    { timeout: 300_000 },
    async (call, what, atLeast) => {
      const whole = await loadTraced((await createLake()).root, { call });
      expect([whole.code, whole.acknowledged], whole.stderr).toEqual([0, 2]);
      expect(whole.calls).toBeGreaterThanOrEqual(atLeast);
      for (let when = 1; when <= whole.calls; when += Math.max(1, Math.floor(whole.calls / most))) {
        const lake = await createLake();
        const broken = await loadTraced(lake.root, { call, what, when });
        const where = `${call} ${when} of ${whole.calls}: ${broken.stderr.slice(0, 300)}`;
        // Strace dies like the process it watches; else the load noticed, or the log had the answer.
        expect(what.startsWith('signal') ? broken.signal : 'went on', where).toBe(
          what.startsWith('signal') ? 'SIGKILL' : 'went on',
        );
        await expectWhole(lake, broken.acknowledged, where);
        const again = await loadTraced(lake.root, { call: 'link,linkat' });
        expect(again.code, `${where} ${again.stderr}`).toBe(0);
        expect(await idsIn(lake), where).toHaveLength(12);
        expect(await idsIn(lake, 'tiny'), where).toEqual(['tiny 1', 'tiny 2']);
        expect((await lake.open().readState())?.streams, where).toEqual({ calls: { round: 2 } });
      }
    },
  );
});
