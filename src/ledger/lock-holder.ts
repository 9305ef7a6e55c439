// Who holds the lock of a destination: a process that says so, for as long as it lives or gives signs of life.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { fateOf, type ProcessIdentity, type ProcessMark } from '../core/machine.ts';

export interface SyncLock {
  /** @throws ConnectorError area `busy` when the lock is no longer ours: nothing may be bought or committed then. */
  verify(): Promise<void>;
  release(): Promise<void>;
}

const holderSchema = z.object({
  token: z.string(),
  pid: z.number(),
  host: z.string(),
  bootId: z.string(),
  startTime: z.string(),
  pidNamespace: z.string().optional(),
});
export type Holder = ProcessMark & { readonly token: string };

export const heartbeatMs = 60_000;
/** A holder whose process we cannot look at is taken for dead when its heartbeat is older than this. */
const deadAfterMs = 10 * 60_000;

/** A token of its own for this process. */
export function holderOf({ pid, host, bootId, startTime, pidNamespace }: ProcessIdentity): Holder {
  return { token: randomUUID(), pid, host, bootId, startTime, pidNamespace };
}

/** @returns undefined for what names nobody */
export function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * @param path of the lock, for words
 * @param silence milliseconds since its last sign of life
 * @throws ConnectorError area `busy` unless the holder is dead, or has given no sign of life for so long that it counts as dead.
 */
export async function refuseLiving(
  path: string,
  holder: Holder,
  identity: ProcessIdentity,
  silence: () => Promise<number>,
): Promise<void> {
  const fate = await fateOf(holder, identity);
  if (fate === 'lives') throw busy(path, holder);
  if (fate === 'gone') return;
  const silentMs = await silence();
  if (silentMs >= deadAfterMs) return;
  const where = holder.host === identity.host ? 'it may be in another container' : 'another machine or container';
  throw busy(path, holder, { where, silentMs });
}

/** @param unseen of a holder whose process we cannot look at: where it is, and for how long it gave no sign of life */
export function busy(
  path: string,
  holder: Holder | undefined,
  unseen?: { readonly where: string; readonly silentMs: number },
): ConnectorError {
  const place = unseen === undefined ? '' : `, ${unseen.where}`;
  const who = holder === undefined ? '' : ` (PID ${holder.pid} on ${holder.host}${place})`;
  const sign =
    unseen === undefined
      ? ''
      : ` Its last sign of life was ${inWords(unseen.silentMs)} ago; without another it counts as dead in ${inWords(deadAfterMs - unseen.silentMs)}.`;
  return new ConnectorError(`Another sync is running on this destination${who}.${sign}`, {
    area: 'busy',
    fields: {
      pid: holder?.pid,
      silent_seconds: unseen === undefined ? undefined : Math.round(unseen.silentMs / 1000),
    },
    hint: `wait for it, then run the same command again; the lock is ${path}`,
  });
}

/** `75_000` is `1 min 15 s`. */
function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function lost(path: string, holder: Holder | undefined): ConnectorError {
  const who = holder === undefined ? 'its lock is gone' : `PID ${holder.pid} on ${holder.host} has taken over`;
  return new ConnectorError(`This sync has lost its lock: ${who}. It buys and commits nothing more.`, {
    area: 'busy',
    hint: `nothing is lost; run the same command again when the other sync has ended (${path})`,
  });
}
