// A full refresh that can go on after an interruption: its states say that they belong to one, and whether it is finished.
import type { ConfiguredCatalog } from '../../core/catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../core/message.ts';

/** `running` in the states of an unfinished refresh, `complete` in its last one. */
const marker = 'refresh';

export interface FullRefresh {
  /** States to read with: those of streams that begin anew are left out. */
  readonly states: ReadonlyMap<string, JsonObject>;
  /** The messages, with the mark in the states of refreshed streams and a last state before each one's COMPLETE. */
  mark(messages: AsyncIterable<Message>): AsyncGenerator<Message>;
}

/**
 * A platform keeps a stream's states between the attempts of one job and hands them to a full refresh, which goes on then. Any
 * other state means nothing to a full refresh.
 * @param keeps streams whose state is kept whatever is asked for
 */
export function planFullRefresh(
  catalog: ConfiguredCatalog,
  saved: ReadonlyMap<string, JsonObject>,
  keeps: ReadonlySet<string>,
): FullRefresh {
  const refreshed = new Set(
    catalog
      .filter(({ stream, syncMode }) => syncMode === 'full_refresh' && !keeps.has(stream.name))
      .map(({ stream }) => stream.name),
  );
  const states = new Map<string, JsonObject>();
  for (const [name, { [marker]: progress, ...state }] of saved)
    if (!refreshed.has(name) || progress === 'running') states.set(name, state);

  return {
    states,
    async *mark(messages) {
      const last = new Map<string, JsonObject>();
      for await (const message of messages) {
        const isRefreshed = 'stream' in message && refreshed.has(message.stream);
        if (isRefreshed && message.type === 'state') {
          last.set(message.stream, message.state);
          yield { ...message, state: { ...message.state, [marker]: 'running' } };
          continue;
        }
        if (isRefreshed && message.type === 'status' && message.status === 'complete')
          yield { type: 'state', stream: message.stream, state: { ...last.get(message.stream), [marker]: 'complete' } };
        yield message;
      }
    },
  };
}
