// One POST under its key, and what its answer means. The only place that creates runs.
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { CreateAnswer, RunAnswer } from './client.ts';
import { toFrozen, toRefused, toSkipped } from './evaluation-entry.ts';
import type { FollowOptions } from './follow-run.ts';

/** How an intent was answered. */
export type Posted =
  | { end: 'accepted'; answer: RunAnswer }
  /** A person decides. `isConflict`: the key was used up before its first try, so nothing was bought. */
  | { end: 'frozen'; isConflict: boolean }
  /** Semarize does not take this text. */
  | { end: 'refused' }
  /** Certainly not accepted, for a reason that concerns all: the item is as if it had never been sent. */
  | { end: 'returned'; problem: ConnectorError }
  /** We were asked to stop before it was sent. */
  | { end: 'unsent' }
  /** Perhaps accepted: it stays an intent, and the next sync sends the same bytes under the same key. */
  | { end: 'unanswered'; problem?: ConnectorError };

/** @param wasSent an earlier sync may have sent it */
export async function sendIntent(
  entry: LedgerEntry,
  wasSent: boolean,
  { client, record, log, halt, giveUp, crashPoint }: FollowOptions,
): Promise<Posted> {
  const { callId, kit, version, key, body = '' } = entry;
  const fields = { call_id: callId, kit };
  let created: CreateAnswer;
  try {
    created = await client.createRun({ key, body, callId, kit, version, noMoreTries: halt, signal: giveUp });
  } catch (error) {
    if (error instanceof StoppedError) return { end: error.isUnsent && !wasSent ? 'unsent' : 'unanswered' };
    return await onProblem(toConnectorError(error));
  }
  crashPoint('CP2');
  if (created.kind === 'run') return { end: 'accepted', answer: created.answer };
  if (created.kind === 'conflict') {
    const isFirst = !wasSent && !created.mayRepeat;
    const outcome = isFirst ? 'Nothing was bought' : 'An earlier try may have been taken';
    log(
      'warn',
      `Semarize says this idempotency key was used for other content. ${outcome}; the item is frozen`,
      fields,
    );
    return await freeze('the idempotency key was used for other content (409)', isFirst);
  }
  const why = `${created.code} (${created.status})`;
  log('warn', `Semarize does not take this transcript (${created.code})`, { ...fields, http_status: created.status });
  // It may have taken the very same bytes before: then a run exists that we do not know.
  if (wasSent || created.mayRepeat) return await freeze(`sent without an answer, then refused: ${why}`, false);
  await record(toRefused(entry, `refused: ${why}`));
  return { end: 'refused' };

  async function onProblem(problem: ConnectorError): Promise<Posted> {
    const concernsAll = problem.area !== 'service';
    if (concernsAll && !wasSent && !problem.mayRepeat) {
      await record(toSkipped(entry, `not bought: ${problem.reason ?? problem.area}`));
      return { end: 'returned', problem };
    }
    // The configuration may not name this kit any more: then the others must not wait for it.
    if (wasSent && problem.reason === 'no_kit')
      return await freeze('sent without an answer, and its kit is gone', false);
    log('warn', `${problem.message} The item stays open`, problem.fields);
    return { end: 'unanswered', problem };
  }

  async function freeze(reason: string, isConflict: boolean): Promise<Posted> {
    await record(toFrozen(entry, reason));
    return { end: 'frozen', isConflict };
  }
}
