// What a sync would read and buy: calls are listed, no transcript is fetched, no run is created. So "to buy" is an upper bound.
import { startOf } from '../gong/rows.ts';
import { isClosed, isEligible } from './kits.ts';
import { type Listing, listWindow } from './listing.ts';
import type { Reading } from './open-reading.ts';

export interface Plan {
  /** ISO instants; null when nothing is listed. */
  readonly from: string | null;
  readonly until: string | null;
  readonly calls: number;
  readonly private: number;
  /** Known to be without a transcript. */
  readonly withoutTranscript: number;
  readonly kits: readonly { kit: string; alreadyEvaluated: number; tooShort: number; toBuy: number }[];
  readonly toBuy: number;
  /** Requests that a sync makes, as far as this listing tells. */
  readonly gongRequests: { list: number; transcripts: number; perDay: number; seconds: number };
  readonly maxRuns: number;
}

export async function planSync({ session, plan, maxRuns }: Reading): Promise<Plan> {
  const { config, kits, state, runs } = session;
  const perKit = kits.map((kit) => ({ kit, alreadyEvaluated: 0, tooShort: 0, toBuy: 0 }));
  const counts = { calls: 0, private: 0, withoutTranscript: 0, listRequests: 0, transcriptRequests: 0 };
  const seen = new Set<string>();
  for (const window of plan.windows) {
    const listing: Listing = { gongTotal: 0, listed: 0 };
    for await (const { calls } of listWindow(
      session.gong,
      window,
      config.workspace_ids,
      listing,
      session.log,
      session.signal,
    )) {
      counts.listRequests += 1;
      let asks = false;
      for (const call of calls) {
        const { id, isPrivate, duration } = call.metaData;
        if (seen.has(id)) continue;
        seen.add(id);
        counts.calls += 1;
        const isOut = isPrivate === true && config.private_calls !== 'include';
        if (isPrivate) counts.private += 1;
        const pending = state.transcripts.pending.has(id);
        if (pending) counts.withoutTranscript += 1;
        asks ||= !isOut;
        const startedAt = startOf(call) ?? window.from;
        for (const row of perKit) {
          if (isPrivate || startedAt < row.kit.from || isClosed(row.kit, startedAt)) continue;
          if (!isEligible(row.kit, call, startedAt))
            row.tooShort += (duration ?? 0) < row.kit.minDurationSeconds ? 1 : 0;
          else if (isKnown(row.kit.code, row.kit.version, id)) row.alreadyEvaluated += 1;
          else if (!(pending && state.transcripts.pending.get(id)?.nextTry === 0)) row.toBuy += 1;
        }
      }
      if (asks) counts.transcriptRequests += 1;
    }
  }
  const requests = counts.listRequests + counts.transcriptRequests;
  return {
    from: isoOf(plan.windows[0]?.from),
    until: isoOf(plan.windows.at(-1)?.until),
    calls: counts.calls,
    private: counts.private,
    withoutTranscript: counts.withoutTranscript,
    kits: perKit.map(({ kit, ...row }) => ({ kit: kit.name, ...row })),
    toBuy: perKit.reduce((sum, { toBuy }) => sum + toBuy, 0),
    gongRequests: {
      list: counts.listRequests,
      transcripts: counts.transcriptRequests,
      perDay: config.gong_requests_per_day,
      seconds: Math.ceil(requests / config.gong_requests_per_second),
    },
    maxRuns,
  };

  function isKnown(kit: string, version: string | null, callId: string): boolean {
    const known = runs?.ledger.find({ callId, kit, version });
    return known !== undefined && known.status !== 'skipped';
  }
}

function isoOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
