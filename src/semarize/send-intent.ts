// One POST under its key, and what its answer means. The only place that creates runs.
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { CreateAnswer } from './client.ts';
import type { Outgoing } from './creation-queue.ts';
import { toFrozen, toRefused, toSkipped } from './evaluation-entry.ts';
import { type Followed, type FollowOptions, followAnswer } from './follow-run.ts';

/** How an intent that was sent ended. */
export type Sent =
  | Followed
  | { end: 'frozen' }
  /** Semarize does not take this text. */
  | { end: 'refused' }
  /** Certainly not accepted, for a reason that concerns all: the item is as if it had never been sent. */
  | { end: 'returned'; problem: ConnectorError }
  /** Perhaps accepted: it stays an intent, and the next sync sends the same bytes under the same key. */
  | { end: 'unanswered'; problem?: ConnectorError };

export interface SendOptions extends FollowOptions {
  /** Semarize answered: it is there. */
  readonly onAnswered: () => void;
}

export async function sendIntent({ entry, wasSent }: Outgoing, options: SendOptions): Promise<Sent> {
  const { client, record, log } = options;
  const { callId, kit, version, key, body = '' } = entry;
  const fields = { call_id: callId, kit };
  let created: CreateAnswer;
  try {
    const signals = { noMoreTries: options.halt, signal: options.giveUp };
    created = await client.createRun({ key, body, callId, kit, version, ...signals });
  } catch (error) {
    if (error instanceof StoppedError) return { end: 'unanswered' };
    return await onProblem(toConnectorError(error));
  }
  options.crashPoint('CP2');
  options.onAnswered();
  if (created.kind === 'run') return await followAnswer(entry, created.answer, options);
  if (created.kind === 'conflict') {
    log(
      'warn',
      'Semarize says this idempotency key was used for other content. Nothing was bought; the item is frozen',
      fields,
    );
    return await freeze('the idempotency key was used for other content (409)');
  }
  const why = `${created.code} (${created.status})`;
  log('warn', `Semarize does not take this transcript (${created.code})`, { ...fields, http_status: created.status });
  // It may have taken the very same bytes before: then a run exists that we do not know.
  if (wasSent || created.mayRepeat) return await freeze(`sent without an answer, then refused: ${why}`);
  await record(toRefused(entry, `refused: ${why}`));
  return { end: 'refused' };

  async function onProblem(problem: ConnectorError): Promise<Sent> {
    const concernsAll = problem.area !== 'service';
    if (concernsAll && !wasSent && problem.fields['may_repeat'] === false) {
      await record(toSkipped(entry, `not sent: status ${String(problem.fields['http_status'])}`));
      return { end: 'returned', problem };
    }
    // The configuration may not name this kit any more: then the others must not wait for it.
    if (wasSent && problem.fields['http_status'] === 404)
      return await freeze('sent without an answer, and its kit is gone');
    log('warn', `${problem.message} The item stays open`, problem.fields);
    return { end: 'unanswered', problem };
  }

  async function freeze(reason: string): Promise<Sent> {
    await record(toFrozen(entry, reason));
    return { end: 'frozen' };
  }
}
