// The contract of all destinations, held by a lake in an object store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import { createLakeDestination } from '../../../src/destinations/lake/destination.ts';
import { createLakeViews } from '../../../src/destinations/lake/views.ts';
import { openInMemory } from '../../../src/duckdb/connection.ts';
import { createMirror } from '../../../src/store/bucket/mirror.ts';
import { describeDestination } from '../../contracts/destination.ts';
import { openBucket, openFakeS3 } from '../../support/open-bucket.ts';

async function createBucketLake() {
  const fake = await openFakeS3();
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-bucket-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bucket = openBucket(fake);
  const shared = { bucket, address: 's3://lakes/gong/lake', isSingleWriter: false, clock: systemClock };
  let opened = 0;
  // Each with a temporary folder of its own, as other processes have, and room for hardly a file in it.
  const openStore = (keeps: boolean) =>
    createMirror({ ...shared, root: join(folder, String(opened++)), mostBytes: 1 }).open(keeps).store;

  return {
    open(options = {}) {
      return createLakeDestination({
        store: openStore(false),
        shown: 's3://lakes/gong/lake',
        connection: 'sync',
        clock: systemClock,
        crashPoint: noCrashPoint,
        log: () => {},
        ...options,
      });
    },
    async read(sql: string) {
      const store = openStore(true);
      const database = await openInMemory({ folders: [store.root] });
      try {
        return await database.exclusive(async (session) => {
          await createLakeViews(session, store, 'the lake');
          return await session.rows(sql);
        });
      } finally {
        await database.close();
      }
    },
  };
}

describeDestination(
  'A lake in a bucket',
  createBucketLake,
  ['after-write', 'after-fsync', 'after-rename', 'before-entry', 'after-entry', 'before-state', 'after-state'].map(
    (step) => `lake:${step}`,
  ),
  { showsRowsBeforeState: true },
);
