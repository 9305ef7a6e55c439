// Plans the opportunities of the believable world: when their calls are, how stage and amount move, how they end.
import type { Random } from '../random.ts';
import { openStages } from './deals.ts';
import { dayMs } from './time.ts';
import type { Account, Deal } from './world.ts';

export interface DealDraft {
  /** Null: nobody linked the calls to an account. */
  readonly account: Account | null;
  readonly callStarts: readonly number[];
  /** The opportunities that Gong links to a call at that instant, its own first. */
  readonly dealsOfCallAt: (ms: number) => readonly Deal[];
}

/** Opportunities with two to six calls each, `calls` in all. */
export function makeDeals(
  random: Random,
  calls: number,
  beginsAt: number,
  endsAt: number,
  makeAccount: () => Account,
): DealDraft[] {
  const drafts: DealDraft[] = [];
  let left = calls;
  while (left > 0) {
    const count = Math.min(left, random.int(2, 6));
    left -= count;
    drafts.push(makeDeal(random, count, beginsAt, endsAt, makeAccount()));
  }
  return drafts;
}

function makeDeal(random: Random, count: number, beginsAt: number, endsAt: number, account: Account): DealDraft {
  const length = endsAt - beginsAt;
  const gap = length * random.between(0.02, 0.08);
  // One deal in eight is under way when the world ends; the others have had their last call.
  const isRunning = random.chance(0.12);
  const firstMs = isRunning
    ? endsAt - gap * random.between(0.3, count)
    : beginsAt + random.next() * Math.max(length - gap * count, 0);
  const callStarts: number[] = [];
  for (let i = 0; i < count; i++) {
    const planned = firstMs + i * gap * random.between(0.8, 1.2);
    callStarts.push(planned < endsAt ? planned : endsAt - random.next() * 3 * dayMs);
  }
  callStarts.sort((a, b) => a - b);
  const linked = random.next();
  if (linked < 0.02) return { account: null, callStarts, dealsOfCallAt: () => [] };
  if (linked < 0.04) return { account, callStarts, dealsOfCallAt: () => [] };

  const lastMs = callStarts.at(-1) ?? firstMs;
  // The day after the last call at the earliest: a call on the closing day would not count for the outcome.
  const ended = lastMs + random.between(2, 8) * dayMs;
  const deal = makeOpportunity(
    random,
    account,
    firstMs - 3 * dayMs,
    ended,
    random.chance(0.08) ? 'Renewal' : 'New Business',
  );
  const others: Deal[] = [];
  if (random.chance(0.1))
    others.push(makeOpportunity(random, account, firstMs - 90 * dayMs, firstMs - 6 * dayMs, 'New Business'));
  if (random.chance(0.05))
    others.push(makeOpportunity(random, account, firstMs - 5 * dayMs, ended + 60 * dayMs, 'New Business'));
  // Gong also links opportunities that closed up to 30 days before the call.
  return {
    account,
    callStarts,
    dealsOfCallAt: (ms) => [deal, ...others.filter((other) => ms - other.closedMs < 30 * dayMs)],
  };
}

function makeOpportunity(random: Random, account: Account, fromMs: number, closedMs: number, type: Deal['type']): Deal {
  const quality = random.normal();
  const amount = Math.round(12 * Math.exp(0.8 * random.normal()) + 8) * 1000;
  const grown = random.chance(0.4) ? Math.round((amount * random.between(0.7, 1.4)) / 500) * 500 : amount;
  const length = closedMs - fromMs;
  return {
    id: `006${random.id().slice(0, 15)}`,
    name: `${account.name} – ${type === 'Renewal' ? 'Renewal' : 'New Business'}`,
    type,
    leadSource: random.chance(0.8) ? random.pick(['Web', 'Referral', 'Outbound', 'Event']) : null,
    currency: random.chance(0.8) ? 'USD' : 'EUR',
    amounts: [
      { fromMs, amount },
      { fromMs: fromMs + length * 0.6, amount: grown },
    ],
    stages: openStages.map(({ stage, probability }, i) => ({ fromMs: fromMs + length * 0.22 * i, stage, probability })),
    plannedCloseMs: closedMs + Math.round(random.between(-4, 30)) * dayMs,
    closedMs,
    won: random.chance(1 / (1 + Math.exp(-2.4 * quality))),
    quality,
  };
}
