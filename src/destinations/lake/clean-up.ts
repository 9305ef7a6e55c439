// What crashes left in a lake, and manifests that nobody needs any more. Only files that we made, and only old ones: a younger
// file may belong to somebody who is writing or reading at this moment.
import { readdir, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fullEvery, type Head, listManifests, manifestPath } from './manifest.ts';

const ageMs = 24 * 3_600_000;

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
    if (await isOld(join(root, name), now)) await rm(join(root, name), { force: true });
  }
  for (const folder of ['_tmp', '_manifest']) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      if (folder === '_manifest' && !name.endsWith('.part')) continue;
      const path = join(root, folder, name);
      if (await isOld(path, now)) await rm(path, { recursive: true, force: true });
    }
  }
  // Readers go back to the newest full list of files, or to the one before it when that is being written.
  const needed = Math.floor((head?.seq ?? 0) / fullEvery - 1) * fullEvery;
  for (const seq of await listManifests(root))
    if (seq < needed && (await isOld(manifestPath(root, seq), now))) await rm(manifestPath(root, seq), { force: true });
}

/** Was nothing in `path` changed for a day? */
async function isOld(path: string, now: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    return now - mtimeMs > ageMs;
  } catch {
    return false;
  }
}
