import { openFolder as openFolderStore } from '../../src/store/folder.ts';
import { storeContract } from '../contracts/store.ts';
import { openFolder } from '../support/folder.ts';
import { openBucket, openFakeS3 } from '../support/open-bucket.ts';

storeContract('folder', async () => {
  const folder = await openFolder();
  return [openFolderStore(folder), openFolderStore(folder)];
});

storeContract('bucket', async () => {
  const fake = await openFakeS3();
  // A page of two, so that every list has several.
  fake.faults.pageSize = 2;
  return [openBucket(fake), openBucket(fake)];
});
