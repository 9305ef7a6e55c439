// A lake in an object store owes what every destination owes that replaces tables.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import { noLog } from '../../../src/core/log.ts';
import type { FileStore } from '../../../src/core/store.ts';
import { createLakeDestination } from '../../../src/destinations/lake/destination.ts';
import { createLakeViews } from '../../../src/destinations/lake/views.ts';
import { openInMemory } from '../../../src/duckdb/connection.ts';
import { createMirror } from '../../../src/store/bucket/mirror.ts';
import type { Place } from '../../contracts/destination.ts';
import { describeRefresh } from '../../contracts/refresh.ts';
import { openBucket, openFakeS3 } from '../../support/open-bucket.ts';

const address = 's3://lakes/gong/lake';

async function createBucketLake(): Promise<Place> {
  const fake = await openFakeS3();
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-bucket-lake-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let opened = 0;

  /** As another machine would: nothing of the bucket is here yet. */
  async function openStore(): Promise<FileStore> {
    const root = join(folder, String(opened++));
    await mkdir(root);
    const bucket = openBucket(fake, { address });
    return createMirror({ bucket, address, root, isSingleWriter: false, clock: systemClock }).open(true).store;
  }

  const stores = await Promise.all(Array.from({ length: 4 }, openStore));
  return {
    open: (options = {}) => {
      const store = stores.pop();
      if (store === undefined) throw new Error('a test opened more destinations than there are stores');
      const shared = { clock: systemClock, crashPoint: noCrashPoint, log: noLog };
      return createLakeDestination({ ...shared, connection: 'sync', store, shown: address, ...options });
    },
    async read(sql) {
      const store = await openStore();
      const database = await openInMemory({ folders: [store.root] });
      const rows = database.exclusive(async (session) => {
        await createLakeViews(session, store, address);
        return await session.rows(sql);
      });
      return await rows.finally(() => database.close());
    },
  };
}

describeRefresh('The lake in a bucket', createBucketLake);
