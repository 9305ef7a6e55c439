// Lists one window completely, whatever happens to its page cursors. Calls may come more than once; none is left out.
import { ConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { CallsPage, GongClient } from '../gong/client.ts';
import { startOf } from '../gong/rows.ts';
import { halve, type Window } from './windows.ts';

export interface Listing {
  /** Gong's own count of the calls in what was listed, as far as it said. */
  gongTotal: number;
  /** Calls of listings that were read to their end. */
  listed: number;
}

/** A window, or a piece of it, that is still to be listed. */
interface Part {
  readonly window: Window;
  readonly expiries: number;
  readonly repeats: number;
}

/** Listings of one window, first and repeated, before the sync gives up on it. */
const mostListings = 24;
/** Times a window is listed again because its count moved between pages, or a page was missing or of another time. */
const mostRepeats = 2;

/**
 * @param workspaceIds empty: all
 * @param listing gets the totals added
 * @throws ConnectorError when the window cannot be listed
 */
export async function* listWindow(
  client: GongClient,
  window: Window,
  workspaceIds: readonly string[],
  listing: Listing,
  log: Log,
  signal: AbortSignal,
): AsyncGenerator<CallsPage> {
  const workspaces = workspaceIds.length === 0 ? [undefined] : workspaceIds;
  for (const workspaceId of workspaces) {
    const todo: Part[] = [{ window, expiries: 0, repeats: 0 }];
    let listings = 0;
    for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
      listings += 1;
      const totals: number[] = [];
      let listed = 0;
      let isMissing = false;
      let isOdd = false;
      try {
        for await (const page of client.listCalls({ ...part.window, workspaceId }, signal)) {
          if (page.totalRecords !== undefined) totals.push(page.totalRecords);
          listed += page.calls.length;
          isMissing ||= page.isMissing === true;
          isOdd ||= isOfAnotherTime(page, part.window);
          yield page;
        }
      } catch (error) {
        todo.unshift(...retryOf(part, error, listings));
        log('info', 'A window is listed again', {
          reason: reasonOf(error),
          from: iso(part.window.from),
          until: iso(part.window.until),
        });
        continue;
      }
      const moved = totals.some((total) => total !== totals[0]);
      const isAgain = part.repeats < mostRepeats;
      if (isMissing && !isAgain) throw contradiction(part.window, listed, totals.at(-1));
      if ((moved || isMissing || isOdd) && isAgain) todo.unshift({ ...part, repeats: part.repeats + 1 });
      else {
        listing.gongTotal += totals.at(-1) ?? 0;
        listing.listed += listed;
      }
    }
  }
}

/** What to list instead of a part that failed; throws when it cannot be helped. */
function retryOf(part: Part, error: unknown, listings: number): Part[] {
  const reason = reasonOf(error);
  if (reason === undefined || listings >= mostListings) throw error;
  if (reason === 'cursor_expired' && part.expiries === 0) return [{ ...part, expiries: 1 }];
  const halves = halve(part.window);
  if (halves === undefined) throw error;
  return halves.map((window) => ({ window, expiries: 0, repeats: 0 }));
}

/**
 * Does no call of this page start in the window? Then a proxy may have given us somebody else's answer. It is no error: that
 * Gong filters by start is documented, but not everywhere alike.
 */
function isOfAnotherTime({ calls }: CallsPage, { from, until }: Window): boolean {
  return (
    calls.length > 0 &&
    calls.every((call) => {
      const startedAt = startOf(call) ?? from;
      return startedAt < from || startedAt >= until;
    })
  );
}

/** A page promised another one, and Gong then says that nothing matches, again and again: what was listed is not all. */
function contradiction(window: Window, listed: number, total: number | undefined): ConnectorError {
  return new ConnectorError(
    `Gong's listing of the calls from ${iso(window.from)} to ${iso(window.until)} contradicts itself: after ${listed} calls${total === undefined ? '' : ` of ${total}`} a promised page is not there.`,
    {
      area: 'service',
      reason: 'listing_contradicts',
      fields: { from: iso(window.from), until: iso(window.until), listed },
      hint: 'what was listed is safe, and these days are read again by the next sync; if it stays, ask Gong support',
    },
  );
}

/** `cursor_expired`, `too_large`, `timeout`: reasons to list again. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof ConnectorError)) return undefined;
  const { reason } = error;
  return reason === 'cursor_expired' || reason === 'too_large' || reason === 'timeout' ? reason : undefined;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
