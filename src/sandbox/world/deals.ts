// How an opportunity stands at an instant: stage, amount and dates have a history, so "then" and "now" differ.
import type { Deal } from './world.ts';

export const openStages = [
  { stage: 'Qualification', probability: 10 },
  { stage: 'Needs Analysis', probability: 20 },
  { stage: 'Proposal/Price Quote', probability: 50 },
  { stage: 'Negotiation/Review', probability: 75 },
] as const;

export interface DealState {
  readonly stage: string;
  readonly probability: number;
  readonly amount: number;
  readonly closeMs: number;
  readonly isClosed: boolean;
  readonly isWon: boolean;
}

export function dealAt(deal: Deal, ms: number): DealState {
  const isClosed = ms >= deal.closedMs;
  const isWon = isClosed && deal.won;
  const amount = latest(deal.amounts, ms)?.amount ?? 0;
  if (isClosed)
    return {
      stage: deal.won ? 'Closed Won' : 'Closed Lost',
      probability: deal.won ? 100 : 0,
      amount,
      closeMs: deal.closedMs,
      isClosed,
      isWon,
    };
  const at = latest(deal.stages, ms);
  return {
    stage: at?.stage ?? 'Qualification',
    probability: at?.probability ?? 10,
    amount,
    closeMs: deal.plannedCloseMs,
    isClosed,
    isWon,
  };
}

/** The last entry that began by `ms`, else the first one. */
function latest<T extends { readonly fromMs: number }>(history: readonly T[], ms: number): T | undefined {
  return history.findLast((entry) => entry.fromMs <= ms) ?? history[0];
}
