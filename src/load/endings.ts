// What a load keeps in mind for its end: which tables are to be replaced, what their sources said, and the states that wait for it.
import type { ConfiguredStream } from '../core/catalog.ts';
import { streamKey } from '../core/catalog.ts';
import type { CommittedStream, Refresh, TableAction } from '../core/destination.ts';
import type { StatusMessage } from '../core/message.ts';
import type { StreamRef } from '../core/state.ts';
import { type FinishFacts, judgeActivation, judgeRefresh, type OnMissingCompletion, type Verdict } from './finish.ts';
import { refreshOf } from './modes.ts';
import type { PendingState } from './states.ts';

export interface EndOfLoad {
  readonly actions: readonly TableAction[];
  /** States that waited, in the order of their arrival: they may be told with the actions. */
  readonly states: readonly PendingState[];
  /** Streams whose table stays as it was, and why, for people. */
  readonly kept: readonly { readonly isFailure: boolean; readonly text: string }[];
}

interface Activation {
  readonly version: string;
  readonly isHard: boolean;
  hasRecordsSince: boolean;
}

interface Ending {
  configured: ConfiguredStream;
  readonly refresh: Refresh | undefined;
  isBeside: boolean;
  replacesNothing: boolean;
  completion: FinishFacts['completion'];
  last: FinishFacts['last'];
  activation: Activation | undefined;
}

export interface EndingsOptions {
  /** Differs for each load. */
  readonly loadId: string;
  readonly onMissingCompletion: OnMissingCompletion;
  /** Does a state stand for every one before it? Then of those that wait the newest is enough. */
  readonly hasWholeStates: boolean;
}

export function createEndings({ loadId, onMissingCompletion, hasWholeStates }: EndingsOptions) {
  const byKey = new Map<string, Ending>();
  let tellsStatuses = false;
  let held: PendingState[] = [];
  /** Of the last record: asked for each one. */
  let recent: Ending | undefined;

  const isOneLoad = ({ refresh }: Ending) => refresh !== undefined && refresh.generation === undefined;
  const all = (stream: StreamRef | undefined) => {
    if (stream === undefined) return [...byKey.values()];
    const ending = byKey.get(streamKey(stream));
    return ending === undefined ? [] : [ending];
  };

  function judge(
    ending: Ending,
    isDamaged: boolean,
  ): { action: TableAction | undefined; verdict: Verdict } | undefined {
    const { configured, refresh, completion, last, activation } = ending;
    if (refresh !== undefined && ending.isBeside) {
      const facts = {
        completion,
        last,
        tellsStatuses,
        isDamaged,
        hasGeneration: configured.generationId !== undefined,
        replacesNothing: ending.replacesNothing,
      };
      const verdict = judgeRefresh(facts, onMissingCompletion);
      if (verdict.isWhole) return { verdict, action: { kind: 'swap', configured, refresh } };
      // A generation goes on with the next attempt; what only one load could finish is of no use to anybody.
      return { verdict, action: isOneLoad(ending) ? { kind: 'discard', configured, refresh } : undefined };
    }
    if (activation === undefined) return undefined;
    const { version, isHard } = activation;
    const verdict = judgeActivation({ ...activation, last, isDamaged }, onMissingCompletion);
    return { verdict, action: verdict.isWhole ? { kind: 'retire', configured, version, isHard } : undefined };
  }

  return {
    declare(configured: ConfiguredStream): void {
      const known = byKey.get(streamKey(configured.stream));
      if (known !== undefined) known.configured = configured;
      else {
        const refresh = refreshOf(configured, loadId);
        const nothing = { isBeside: false, replacesNothing: false, completion: undefined, last: undefined };
        byKey.set(streamKey(configured.stream), { configured, refresh, ...nothing, activation: undefined });
      }
    },
    refreshOf: ({ stream }: ConfiguredStream) => byKey.get(streamKey(stream))?.refresh,
    noteRecord(configured: ConfiguredStream): void {
      if (recent?.configured !== configured) recent = byKey.get(streamKey(configured.stream));
      const ending = recent;
      if (ending === undefined) return;
      ending.last = 'record';
      if (ending.activation !== undefined) ending.activation.hasRecordsSince = true;
    },
    noteStatus(stream: StreamRef | undefined, status: StatusMessage['status']): void {
      tellsStatuses = true;
      if (status !== 'complete' && status !== 'incomplete') return;
      for (const ending of all(stream))
        if (stream !== undefined || ending.completion === undefined)
          ending.completion = ending.completion === 'incomplete' ? 'incomplete' : status;
    },
    noteActivation(stream: StreamRef, version: string, isHard: boolean): void {
      const ending = byKey.get(streamKey(stream));
      if (ending !== undefined) ending.activation = { version, isHard, hasRecordsSince: false };
    },
    noteCommitted(committed: readonly CommittedStream[]): void {
      for (const { stream: name, namespace, isBeside, replacesNothing } of committed) {
        const ending = byKey.get(streamKey({ name, namespace }));
        if (ending === undefined) continue;
        ending.isBeside = isBeside === true;
        ending.replacesNothing = replacesNothing === true;
      }
    },
    /**
     * To be asked for each state. Rows that only this load can finish are durable when the table is swapped, not before: the
     * source would go on behind them, and the next load without them.
     * @returns whether the state is kept until the end
     */
    hold(state: PendingState): boolean {
      const about = all(state.stream);
      for (const ending of about) ending.last = 'state';
      for (const ending of state.underWay === undefined ? [] : all(state.underWay)) ending.last = 'under_way';
      if (!about.some(isOneLoad)) return false;
      if (hasWholeStates) held = [];
      held.push(state);
      return true;
    },
    /** @param isDamaged something that was sent is not here */
    end(isDamaged: boolean): EndOfLoad {
      const judged = [...byKey.values()].flatMap((ending) => {
        const found = judge(ending, isDamaged);
        return found === undefined ? [] : [{ ending, ...found }];
      });
      const unfinished = new Set(
        judged.filter(({ ending, verdict }) => isOneLoad(ending) && !verdict.isWhole).map(({ ending }) => ending),
      );
      return {
        actions: judged.flatMap(({ action }) => (action === undefined ? [] : [action])),
        states: held.filter(({ stream }) => !all(stream).some((ending) => unfinished.has(ending))),
        kept: judged.flatMap(({ ending, verdict }) =>
          verdict.isWhole
            ? []
            : [
                {
                  isFailure: verdict.isFailure,
                  text: `stream ${ending.configured.stream.name} keeps its old rows: ${verdict.reason}`,
                },
              ],
        ),
      };
    },
  };
}
