// The lock of a destination in an object store: one object, exchanged by who knows what is there. It is never removed, since a store may
// not know how to remove only what is still the same: a lock that nobody holds says so.
import { ConnectorError } from '../core/errors.ts';
import type { ProcessIdentity } from '../core/machine.ts';
import type { TaggedContent, TaggedStore } from '../core/store.ts';
import {
  busy,
  type Holder,
  heartbeatMs,
  holderOf,
  lost,
  parseHolder,
  refuseLiving,
  type SyncLock,
} from './lock-holder.ts';

/**
 * @param shown how messages name the lock
 * @throws ConnectorError area `busy` while another sync holds it; what the store refuses
 */
export async function acquireObjectLock(
  store: TaggedStore,
  name: string,
  shown: string,
  identity: ProcessIdentity,
): Promise<SyncLock> {
  const own = holderOf(identity);
  /** Grows, so that no two contents of one holder are the same. */
  let beats = 0;
  const content = (more: { isFree?: boolean } = {}) => JSON.stringify({ ...own, beats: beats++, ...more });
  const holderIn = (found: TaggedContent | undefined) => found && parseHolder(found.content.toString('utf8'));

  if (!(await store.create(name, content()))) {
    const found = await store.readTagged(name);
    if (found === undefined) throw busy(shown, undefined);
    const holder = holderIn(found);
    if (holder !== undefined && !isFree(found)) await refuseLiving(shown, holder, identity, async () => found.ageMs);
    if (holder === undefined) throw notALock(shown);
    if (!(await store.replace(name, content(), found.etag))) throw busy(shown, holderIn(await store.readTagged(name)));
  }

  /** Exchanges our own content. @returns false when it is no longer ours */
  async function exchange(more: { isFree?: boolean }): Promise<boolean> {
    const found = await store.readTagged(name);
    if (found === undefined || holderIn(found)?.token !== own.token) return false;
    return await store.replace(name, content(more), found.etag);
  }

  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // What keeps it from beating is told by verify(), or passes.
    last = last.then(() => exchange({})).catch(() => {});
  }, heartbeatMs);
  timer.unref();

  return {
    async verify() {
      const holder: Holder | undefined = holderIn(await store.readTagged(name));
      if (holder?.token !== own.token) throw lost(shown, holder);
    },
    async release() {
      clearInterval(timer);
      await last;
      await exchange({ isFree: true });
    },
  };
}

function isFree({ content }: TaggedContent): boolean {
  return (JSON.parse(content.toString('utf8')) as { isFree?: boolean }).isFree === true;
}

function notALock(shown: string): ConnectorError {
  return new ConnectorError(`${shown} is no lock of gong-elt`, {
    area: 'destination',
    hint: 'choose another folder of the bucket; nothing was changed',
  });
}
