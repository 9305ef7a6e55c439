// A process that dies, or a disk that fails, at any write of a load that makes, widens and fills tables of a DuckDB file: the file
// opens, batches are whole, and the next load completes them. A few of the calls here; all of them with `npm run sweep`.
import { describe, expect, test } from 'vitest';
import { expectComplete, expectWhole } from '../crash-sweep.ts';
import { canTrace, loadTraced } from '../traced-load.ts';
import { createWarehouse } from './warehouse.ts';

/** So many of the calls of a kind fail, one at a time; all of them in the long form. */
const most = process.env['GONG_ELT_SWEEP'] === undefined ? 2 : Number.POSITIVE_INFINITY;

async function createPlace() {
  const warehouse = await createWarehouse();
  return {
    kind: 'duckdb' as const,
    at: warehouse.path,
    read: warehouse.read,
    readState: () => warehouse.open().readState(),
  };
}

describe.runIf(canTrace)('a disk', () => {
  test.each(
    ['fsync', 'pwrite64', 'unlink,unlinkat', 'link,linkat'].flatMap((call) =>
      ['signal=SIGKILL', 'error=EIO', 'error=ENOSPC'].map((what): [string, string] => [call, what]),
    ),
  )('on which any %s ends with %s keeps whole batches', { timeout: 1_800_000 }, async (call, what) => {
    // A new file is made beside its place.
    const filesOf = (path: string) => (call.startsWith('link') ? [] : [path, `${path}.wal`]);
    const undisturbed = await createPlace();
    const whole = await loadTraced(undisturbed.at, { call, path: filesOf(undisturbed.at) }, 'duckdb');
    expect([whole.code, whole.acknowledged], whole.stderr).toEqual([0, 2]);
    expect(whole.calls).toBeGreaterThan(0);
    let happened = 0;
    for (let when = 1; when <= whole.calls; when += Math.max(1, Math.floor(whole.calls / most))) {
      const place = await createPlace();
      const broken = await loadTraced(place.at, { call, what, when, path: filesOf(place.at) }, 'duckdb');
      if (broken.hasHappened) happened += 1;
      const where = `${call} ${when} of ${whole.calls}, ${what}: ${broken.code ?? broken.signal} ${broken.stderr.slice(0, 300)}`;
      await expectWhole(place, broken.acknowledged, where);
      const again = await loadTraced(place.at, { call: 'fsync' }, 'duckdb');
      expect(again.code, `${where}; then ${again.stderr}`).toBe(0);
      await expectComplete(place, where);
    }
    expect(happened).toBeGreaterThan(0);
  });
});
