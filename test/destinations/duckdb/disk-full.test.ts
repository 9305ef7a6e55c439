// A disk that is full or read-only: a clear error, nothing acknowledged, everything earlier there, and the load can go on.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import { noLog } from '../../../src/core/log.ts';
import { createLoader } from '../../../src/load/loader.ts';
import { createBatchMaker, integer, streamOf, text } from '../../contracts/batches.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';
import { warehouseIn } from './warehouse.ts';

const calls = streamOf('calls', { id: text, updated: integer, noise: text });
/** What no compression makes smaller. */
const call = (id: string, kilobytes: number) => ({
  stream: calls,
  row: { id, updated: 1, noise: randomBytes(kilobytes * 750).toString('base64') },
});

describe.runIf(canMount)('a disk of a few megabytes', () => {
  test.each(['small commits, through the log', 'large commits, straight into the file'])(
    'fills up by %s',
    async (how) => {
      const isLarge = how.startsWith('large');
      const disk = await mountSmallDisk(isLarge ? '40m' : '6m');
      const warehouse = warehouseIn(disk.folder);
      const destination = warehouse.open();
      const batches = createBatchMaker(destination);
      const batchOf = (n: number) =>
        batches.make(
          `b${n}`,
          Array.from({ length: isLarge ? 9 : 1 }, (_, i) => call(`${n}-${i}`, 1000)),
          { calls: { n } },
        );
      let stored = 0;
      let failure: unknown;
      let failed = batchOf(1);
      // The staging file of the batch is on the same disk and goes after each commit, as the loader does it.
      const { rmSync } = await import('node:fs');
      while (failure === undefined && stored < 20) {
        try {
          failed = batchOf(stored + 1);
          await destination.commit(failed);
          await destination.release();
          stored += 1;
        } catch (error) {
          failure = error;
        }
        for (const file of failure === undefined ? failed.streams.flatMap(({ files }) => files) : []) rmSync(file);
      }
      expect(failure).toMatchObject({
        area: 'destination',
        message: expect.stringContaining('no room'),
        hint: expect.any(String),
      });
      await destination.release();
      expect(await warehouse.open().readState()).toEqual(
        stored === 0 ? undefined : { seq: stored, streams: { calls: { n: stored } } },
      );
      if (stored > 0)
        expect(await warehouse.read('SELECT count(*) AS n FROM calls')).toEqual([{ n: stored * (isLarge ? 9 : 1) }]);
      disk.remount('size=400m');
      await destination.commit(batchOf(stored + 1));
      await destination.close();
      expect((await warehouse.open().readState())?.seq).toBe(stored + 1);
    },
  );

  test('fills up by staging files', async () => {
    const disk = await mountSmallDisk('3m');
    const warehouse = warehouseIn(disk.folder);
    const destination = warehouse.open();
    const loader = createLoader({
      destination,
      catalog: [calls],
      clock: systemClock,
      crashPoint: noCrashPoint,
      log: noLog,
    });
    let acknowledged = 0;
    const load = async () => {
      for (let n = 0; n < 10; n++) {
        await loader.addRow('calls', call(String(n), 600).row, 1);
        await loader.addState('calls', { n }, () => {
          acknowledged += 1;
        });
      }
      await loader.finish();
    };
    await expect(load()).rejects.toMatchObject({ area: 'destination', message: expect.stringContaining(disk.folder) });
    await loader.abort();
    expect(acknowledged).toBe(0);
  });

  test('is told in preflight, before anything is spent', async () => {
    const disk = await mountSmallDisk('6m');
    const destination = warehouseIn(disk.folder).open();
    await expect(destination.preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('too little room'),
    });
    disk.remount('size=200m');
    await destination.preflight();
    disk.remount('ro');
    await expect(destination.preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('read-only'),
    });
    disk.remount('rw');
  });
});
