// What is known of a call, without Gong's types: what windows, kits and purchases are decided by.
import { endOf, startOf } from '../gong/rows.ts';
import type { GongCall } from '../gong/schemas.ts';

export interface CallFacts {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly isPrivate: boolean;
  readonly durationSeconds: number;
  /** ISO 639-2, as Gong says it. */
  readonly language: string | undefined;
}

/** What is known of the words of a call. */
export type TranscriptFacts =
  /** Nobody has asked for it in this sync. */
  | { readonly status: 'unknown' }
  /** Gong has none yet, and may still have one. */
  | { readonly status: 'pending' }
  /** There will be none, or it may not be read. */
  | { readonly status: 'none' }
  | { readonly status: 'available'; readonly hash: string; readonly chars: number };

/** @param fallbackStart ms since the epoch, for a call that does not say when it started: the window it was listed in, or what was kept */
export function factsOf(call: GongCall, fallbackStart: number): CallFacts {
  const { id, isPrivate, duration, language } = call.metaData;
  const startedAt = startOf(call) ?? fallbackStart;
  return {
    id,
    startedAt,
    endedAt: startOf(call) === undefined ? startedAt : endOf(call),
    isPrivate: isPrivate === true,
    durationSeconds: duration ?? 0,
    language: language ?? undefined,
  };
}
