// A host as Airbyte and Meltano are: it keeps rows when a state behind them came, hands the newest states to the next read, and
// may be killed between any two messages.
import type { JsonObject } from '../../src/core/json.ts';
import type { Message } from '../../src/core/message.ts';
import type { Completeness } from '../../src/source/completeness.ts';
import type { ReadRequest } from '../../src/source/read-request.ts';
import type { Harness } from './sync-harness.ts';

export interface HostRead {
  /** Messages that came. */
  readonly count: number;
  readonly report: Completeness | undefined;
  readonly failure: unknown;
}

export interface Host {
  /** By stream, as JSON text would bring them back. */
  readonly states: Map<string, JsonObject>;
  /** Committed rows of a stream, by the stream's key. */
  rows(stream: string): JsonObject[];
  /**
   * @param options.killAfter the host dies after so many messages; what no state covers is gone
   * @param options.onMessage sees each message before the source goes on
   */
  read(
    request?: Partial<ReadRequest>,
    options?: { killAfter?: number; onMessage?: (message: Message) => void },
  ): Promise<HostRead>;
}

const keys: Record<string, string> = { calls: 'call_id', transcripts: 'call_id', semarize_runs: 'run_id' };

export function createHost(harness: Harness): Host {
  const states = new Map<string, JsonObject>();
  const tables = new Map<string, Map<unknown, JsonObject>>();

  return {
    states,
    rows: (stream) => [...(tables.get(stream)?.values() ?? [])],
    async read(request = {}, { killAfter = Number.POSITIVE_INFINITY, onMessage } = {}) {
      const waiting = new Map<string, JsonObject[]>();
      const messages = harness.openSource().read({
        states: new Map(states),
        signal: new AbortController().signal,
        ...request,
      });
      let report: Completeness | undefined;
      let count = 0;
      try {
        // A killed host takes no leave of the generator.
        for (; count < killAfter; count++) {
          const { done, value: message } = await messages.next();
          if (done) break;
          onMessage?.(message);
          if (message.type === 'record')
            waiting.set(message.stream, [...(waiting.get(message.stream) ?? []), message.row]);
          else if (message.type === 'state') {
            commit(message.stream, waiting.get(message.stream) ?? []);
            waiting.delete(message.stream);
            states.set(message.stream, JSON.parse(JSON.stringify(message.state)) as JsonObject);
          } else if (message.type === 'report') report = message.report as unknown as Completeness;
        }
      } catch (failure) {
        return { count, report, failure };
      }
      return { count, report, failure: undefined };
    },
  };

  function commit(stream: string, rows: JsonObject[]): void {
    const table = tables.get(stream) ?? new Map<unknown, JsonObject>();
    for (const row of rows) table.set(row[keys[stream] ?? ''], row);
    tables.set(stream, table);
  }
}
