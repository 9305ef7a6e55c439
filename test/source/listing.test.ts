// How a window is listed when its listings fail: in which pieces, in which order, and when it is given up.
import { expect, test } from 'vitest';
import { ConnectorError, type ErrorReason } from '../../src/core/errors.ts';
import type { GongClient, ListWindow } from '../../src/gong/client.ts';
import { type Listing, listWindow } from '../../src/source/listing.ts';
import { dayMs, type Window } from '../../src/source/windows.ts';

const begin = Date.parse('2026-03-01T00:00:00Z');
const month: Window = { from: begin, until: begin + 32 * dayMs };
const daysOf = ({ from, until }: Window) => [(from - begin) / dayMs, (until - begin) / dayMs];

/** Lists a window of 32 days at a Gong that fails where `failureOf` names a reason, and else answers an empty page. */
async function list(failureOf: (window: ListWindow) => ErrorReason | undefined) {
  const asked: Window[] = [];
  const whole: number[][] = [];
  const client: Pick<GongClient, 'listCalls'> = {
    async *listCalls(window) {
      asked.push(window);
      const reason = failureOf(window);
      if (reason !== undefined) throw new ConnectorError(`no listing: ${reason}`, { area: 'service', reason });
      whole.push(daysOf(window));
      yield { calls: [], totalRecords: 0 };
    },
  };
  const listing: Listing = { gongTotal: 0, listed: 0 };
  const pages = listWindow(client as GongClient, month, [], listing, () => {}, new AbortController().signal);
  let failure: unknown;
  try {
    for await (const _ of pages);
  } catch (error) {
    failure = error;
  }
  return { asked, whole, failure };
}

const isLongerThan = ({ from, until }: Window, days: number) => until - from > days * dayMs;

test.each(['too_large', 'timeout'] as const)('what is %s as a whole is listed in halves', async (reason) => {
  const { asked, whole, failure } = await list((window) => (isLongerThan(window, 16) ? reason : undefined));
  expect(failure).toBe(undefined);
  expect(asked).toHaveLength(3);
  expect(whole).toEqual([
    [0, 16],
    [16, 32],
  ]);
});

test('the pieces of a half that fails again come before the other half: the oldest first, as everything else', async () => {
  const { whole } = await list((window) =>
    isLongerThan(window, 16) || (window.from === begin && isLongerThan(window, 8)) ? 'too_large' : undefined,
  );
  expect(whole).toEqual([
    [0, 8],
    [8, 16],
    [16, 32],
  ]);
});

test('G6 cursors that never live end in an error after two dozen listings, and do not spend the daily allowance', async () => {
  const { asked, failure } = await list(() => 'cursor_expired');
  expect(failure).toMatchObject({ reason: 'cursor_expired' });
  expect(asked).toHaveLength(24);
});
