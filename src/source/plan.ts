// What a sync would read and buy: calls are listed, no transcript is fetched, no run is created. A call whose transcript was never
// read counts as bought, so "to buy" is an upper bound; every other decision is the one that the sync makes.
import type { Counts } from './completeness.ts';
import { createPurchaseCounts } from './completeness.ts';
import { type CallFacts, factsOf, type TranscriptFacts } from './facts.ts';
import { type Listing, listWindow } from './listing.ts';
import type { Reading } from './open-reading.ts';
import { considerPurchase, countPurchase } from './runs.ts';
import type { Session } from './session.ts';

export interface Plan {
  /** ISO instants; null when nothing is listed. */
  readonly from: string | null;
  readonly until: string | null;
  readonly calls: number;
  readonly private: number;
  /** Known to be without a transcript. */
  readonly withoutTranscript: number;
  readonly kits: readonly (Counts['purchases'] & { kit: string /** If there were no limit. */; toBuy: number })[];
  /** By all kits, if there were no limit. */
  readonly toBuy: number;
  /** Sent by an earlier sync and not answered: sent again, and bought now unless they were then. */
  readonly sentAgain: number;
  /** Requests that a sync makes, as far as this listing tells. */
  readonly gongRequests: { list: number; transcripts: number; perDay: number; seconds: number };
  readonly maxRuns: number;
}

export async function planSync({ session, plan, maxRuns }: Reading): Promise<Plan> {
  const { config, kits, state } = session;
  const perKit = kits.map((kit) => ({ kit, counts: createPurchaseCounts() }));
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
        const facts = factsOf(call, window.from);
        if (seen.has(facts.id)) continue;
        seen.add(facts.id);
        counts.calls += 1;
        if (facts.isPrivate) counts.private += 1;
        if (state.transcripts.pending.has(facts.id)) counts.withoutTranscript += 1;
        asks ||= !facts.isPrivate || config.private_calls === 'include';
        for (const row of perKit) consider(session, facts, row.kit, row.counts);
      }
      if (asks) counts.transcriptRequests += 1;
    }
  }
  // What is owed behind the windows is asked for by id.
  for (const { kit, counts: ofKit } of perKit)
    for (const [id, startedAt] of kit.state.owed)
      if (!seen.has(id)) consider(session, owedFacts(id, startedAt, kit.minDurationSeconds), kit, ofKit);
  const requests = counts.listRequests + counts.transcriptRequests;
  const rows = perKit.map(({ kit, counts: ofKit }) => ({ kit: kit.name, ...ofKit, toBuy: ofKit.buy }));
  return {
    from: isoOf(plan.windows[0]?.from),
    until: isoOf(plan.windows.at(-1)?.until),
    calls: counts.calls,
    private: counts.private,
    withoutTranscript: counts.withoutTranscript,
    kits: rows,
    toBuy: rows.reduce((sum, { toBuy }) => sum + toBuy, 0),
    sentAgain: [...(session.runs?.ledger.open() ?? [])].filter(({ status }) => status === 'intent').length,
    gongRequests: {
      list: counts.listRequests,
      transcripts: counts.transcriptRequests,
      perDay: config.gong_requests_per_day,
      seconds: Math.ceil(requests / config.gong_requests_per_second),
    },
    maxRuns,
  };
}

function consider(
  session: Session,
  call: CallFacts,
  kit: Reading['session']['kits'][number],
  counts: Counts['purchases'],
): void {
  const next = considerPurchase(session, call, knownTranscript(session, call), kit, 'window', Number.POSITIVE_INFINITY);
  countPurchase(counts, next);
}

/** As far as the state tells without asking. */
function knownTranscript({ state, selected }: Session, { id }: CallFacts): TranscriptFacts {
  const entry = state.transcripts.pending.get(id);
  // A sync without transcripts asks for them for the kits alone, whatever was given up.
  if (entry === undefined || !selected.has('transcripts')) return { status: 'unknown' };
  return { status: entry.nextTry === 0 ? 'none' : 'pending' };
}

/** Of a call that was found wanting: it was long enough then, and it is over. */
function owedFacts(id: string, startedAt: number, durationSeconds: number): CallFacts {
  return { id, startedAt, endedAt: startedAt, isPrivate: false, durationSeconds, language: undefined };
}

function isoOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
