// What crashes left in a lake, and manifests that nobody needs any more. Only files that we made, and only old ones: a younger
// file may belong to somebody who is writing or reading at this moment.
import { readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isAbandoned } from '../../store/staging.ts';
import { fullEvery, type Head, listManifests, manifestPath } from './manifest.ts';

/**
 * Name of a data file. A batch that is written again upon the same manifest makes the same bytes, upon another one it may not:
 * so a name never changes its content, and a file that somebody reads is replaced by its equal at most.
 * @param batchId hex
 * @param seq number of the manifest that the writer means to make
 */
export function dataFileName(batchId: string, seq: number, index: number): string {
  return `${batchId}-${seq}-${index}.parquet`;
}

const dataFile = /^[^_][^/]*\/(month=[^/]+\/)?[0-9a-f]{32}-\d+-\d+\.parquet$/;

/** @param now milliseconds since the epoch */
export async function removeLeftovers(root: string, head: Head | undefined, now: number): Promise<void> {
  const live = new Set((head?.live ?? []).map(({ path }) => path));
  for (const name of await readdir(root, { recursive: true, encoding: 'utf8' })) {
    const path = name.split(sep).join('/');
    if (!dataFile.test(path) || live.has(path)) continue;
    if (await isAbandoned(join(root, name), now)) await rm(join(root, name), { force: true });
  }
  for (const name of await readdir(join(root, '_manifest')).catch(() => [])) {
    const path = join(root, '_manifest', name);
    if (name.endsWith('.part') && (await isAbandoned(path, now))) await rm(path, { force: true });
  }
  // Readers go back to the newest full list of files, or to the one before it when that is being written.
  const needed = Math.floor((head?.seq ?? 0) / fullEvery - 1) * fullEvery;
  for (const seq of await listManifests(root))
    if (seq < needed && (await isAbandoned(manifestPath(root, seq), now)))
      await rm(manifestPath(root, seq), { force: true });
}
