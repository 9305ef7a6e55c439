// Fetches the transcripts of a page of calls, in one request where Gong allows it.

import { chunksOf } from '../core/async-iterables.ts';
import { ConnectorError } from '../core/errors.ts';
import { type GongClient, idsPerRequest } from '../gong/client.ts';
import type { GongTranscript } from '../gong/schemas.ts';

export interface TranscriptAnswers {
  readonly found: Map<string, GongTranscript>;
  /** Calls whose transcript this key may not read. */
  readonly forbidden: Set<string>;
}

/** Batches that are too large, too slow or refused because of one call are halved; a refusal of everything is an error. */
export async function fetchTranscripts(
  client: GongClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<TranscriptAnswers> {
  const answers: TranscriptAnswers = { found: new Map(), forbidden: new Set() };
  for (const chunk of chunksOf(ids, idsPerRequest)) {
    const refusal = await fetchBatch(client, chunk, answers, signal);
    // One call alone may be restricted; a hundred at once are not.
    if (refusal !== undefined && chunk.length === 1) for (const id of chunk) answers.forbidden.add(id);
    else if (refusal !== undefined) throw refusal;
  }
  return answers;
}

/** @returns the refusal when the whole batch was refused (403). */
async function fetchBatch(
  client: GongClient,
  ids: readonly string[],
  answers: TranscriptAnswers,
  signal: AbortSignal,
): Promise<ConnectorError | undefined> {
  try {
    for (const [id, transcript] of await client.getTranscripts(ids, signal)) answers.found.set(id, transcript);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const { reason } = error.fields;
    // The cursor of a large batch can outlive its hour like any other.
    const isSplittable = reason === 'too_large' || reason === 'timeout' || reason === 'cursor_expired';
    if (reason !== 'forbidden' && !isSplittable) throw error;
    if (ids.length === 1) {
      if (reason === 'forbidden') return error;
      throw error;
    }
    const middle = Math.ceil(ids.length / 2);
    const halves = [ids.slice(0, middle), ids.slice(middle)];
    const refusals: (ConnectorError | undefined)[] = [];
    for (const half of halves) refusals.push(await fetchBatch(client, half, answers, signal));
    const [first, second] = refusals;
    // Refused on both sides: the key, not a call.
    if (first !== undefined && second !== undefined) return first;
    for (const [at, refused] of refusals.entries())
      if (refused !== undefined) for (const id of halves[at] ?? []) answers.forbidden.add(id);
    return undefined;
  }
}
