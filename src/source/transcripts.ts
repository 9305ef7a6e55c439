// Fetches the transcripts of a page of calls, in one request where Gong allows it. One bad transcript ends nothing.
import { chunksOf } from '../core/async-iterables.ts';
import { ConnectorError } from '../core/errors.ts';
import { type GongClient, idsPerRequest } from '../gong/client.ts';
import type { GongTranscript } from '../gong/schemas.ts';

export interface TranscriptAnswers {
  readonly found: Map<string, GongTranscript>;
  /** Calls whose transcript cannot be read, and why: this key may not, or it is larger than any answer we take. */
  readonly unreadable: Map<string, 'forbidden' | 'too_large'>;
}

/**
 * Batches that are too large, too slow or refused because of one call are halved, down to that call. A refusal of everything, or a
 * service too slow for anything, is an error.
 */
export async function fetchTranscripts(
  client: GongClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<TranscriptAnswers> {
  const answers: TranscriptAnswers = { found: new Map(), unreadable: new Map() };
  for (const chunk of chunksOf(ids, idsPerRequest)) {
    const failure = await fetchBatch(client, chunk, answers, signal);
    if (failure === undefined) continue;
    // One call alone may be restricted; a hundred at once are not.
    if (failure.reason === 'forbidden' && chunk.length === 1) noteAll(chunk, 'forbidden', answers);
    else throw failure;
  }
  return answers;
}

/** @returns why nothing of the batch could be read, where that is no call's own fault. */
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
    const { reason } = error;
    // The cursor of a large batch can outlive its hour like any other.
    const isSplittable = reason === 'too_large' || reason === 'timeout' || reason === 'cursor_expired';
    if (reason !== 'forbidden' && !isSplittable) throw error;
    if (ids.length === 1) {
      if (reason !== 'too_large') return error;
      noteAll(ids, 'too_large', answers);
      return undefined;
    }
    const middle = Math.ceil(ids.length / 2);
    const halves = [ids.slice(0, middle), ids.slice(middle)];
    const failures: (ConnectorError | undefined)[] = [];
    for (const half of halves) failures.push(await fetchBatch(client, half, answers, signal));
    const [first, second] = failures;
    // On both sides: the key or the service, not a call.
    if (first !== undefined && second !== undefined) return first;
    // What only took too long is not there yet, and is asked for again like any other.
    for (const [at, failure] of failures.entries())
      if (failure?.reason === 'forbidden') noteAll(halves[at] ?? [], 'forbidden', answers);
    return undefined;
  }
}

function noteAll(ids: readonly string[], why: 'forbidden' | 'too_large', { unreadable }: TranscriptAnswers): void {
  for (const id of ids) unreadable.set(id, why);
}
