// Folders for records on their way: each destination of each process has its own, named after the process, so that nobody empties
// what somebody else is filling. They hold transcripts, so what a dead process left goes at the next load.
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../core/hash.ts';
import { fateOf, type ProcessIdentity, type ProcessMark } from '../core/machine.ts';

/** What nobody touched for so long belongs to nobody. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * `staging-<connection>.<pid>-<start time>-<machine>-<boot>.<a number of its own>`; without `owner`, who cannot be asked later,
 * the part in the middle is left out.
 */
export function stagingFolderName(connection: string, owner: ProcessMark | undefined): string {
  const whose = /^[a-z0-9_-]{1,40}$/.test(connection) ? connection : sha256(connection).slice(0, 16);
  const own = randomUUID().slice(0, 8);
  if (owner === undefined) return `staging-${whose}.${own}`;
  const { pid, startTime, host, bootId } = hashed(owner);
  return `staging-${whose}.${pid}-${startTime}-${host}-${bootId}.${own}`;
}

/**
 * Removes from `folder` what processes that are gone left there; what is of somebody we cannot ask (another container, another
 * machine, 0.1.0) only when nothing in it changed for a day.
 * @param kept names in `folder` that are somebody else's business
 * @param now milliseconds since the epoch
 */
export async function removeDeadStaging(
  folder: string,
  own: ProcessIdentity | undefined,
  now: number,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (kept.has(name)) continue;
    const path = join(folder, name);
    const fate = await fateOfOwner(name, own);
    if (fate === 'gone' || (fate === 'unknown' && (await isAbandoned(path, now))))
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Did nothing in `path` change for a day? */
export async function isAbandoned(path: string, now: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    return now - mtimeMs > abandonedAfterMs;
  } catch {
    return false;
  }
}

async function fateOfOwner(name: string, own: ProcessIdentity | undefined): Promise<'lives' | 'gone' | 'unknown'> {
  const [, pid, startTime, host, bootId] = /\.(\d+)-(\d*)-([0-9a-f]{8})-([0-9a-f]{8}|)\.[0-9a-f]{8}$/.exec(name) ?? [];
  if (own === undefined || pid === undefined || startTime === undefined || host === undefined || bootId === undefined)
    return 'unknown';
  const fate = await fateOf({ pid: Number(pid), startTime, host, bootId }, { ...own, ...hashed(own) });
  // Where the system tells no start times, the number may be somebody else's by now.
  return fate === 'lives' && startTime === '' ? 'unknown' : fate;
}

/** A mark in the characters of a file name; machine and namespace are one. */
function hashed({ pid, startTime, host, bootId, pidNamespace }: ProcessMark): ProcessMark {
  const short = (text: string) => (text === '' ? '' : sha256(text).slice(0, 8));
  return { pid, startTime, host: short(JSON.stringify([host, pidNamespace ?? ''])), bootId: short(bootId) };
}
