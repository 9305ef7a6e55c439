// What a host is told while nothing comes: a service has asked us to wait.
import type { Message } from '../core/message.ts';
import type { StreamName } from './streams.ts';

export interface Waits {
  /** @param until milliseconds since the epoch */
  begin(service: string, until: number): void;
  /** The messages, with a status for each stream that has to wait, at once and not when the wait is over. */
  interleave(messages: AsyncGenerator<Message>, selected: ReadonlySet<StreamName>): AsyncGenerator<Message>;
}

export function createWaits(): Waits {
  const begun: { readonly service: string; readonly until: number }[] = [];
  let wake = () => {};

  function* statuses(selected: ReadonlySet<StreamName>): Iterable<Message> {
    for (const { service, until } of begun.splice(0))
      for (const stream of selected)
        if (isWaiting(stream, service, selected))
          yield { type: 'status', stream, status: 'running', rateLimitedUntil: until };
  }

  return {
    begin(service, until) {
      begun.push({ service, until });
      wake();
    },
    async *interleave(messages, selected) {
      try {
        for (;;) {
          const next = messages.next();
          // It is awaited below; until then a failure has no other handler.
          next.catch(() => {});
          for (let isThere = false; !isThere; ) {
            yield* statuses(selected);
            const woken = new Promise<false>((resolve) => {
              wake = () => resolve(false);
            });
            isThere =
              begun.length === 0 &&
              (await Promise.race([
                next.then(
                  () => true,
                  () => true,
                ),
                woken,
              ]));
          }
          const { value, done } = await next;
          if (done) return;
          yield value;
        }
      } finally {
        await messages.return(undefined);
      }
    },
  };
}

/** Calls and transcripts come from Gong, runs from Semarize; runs alone wait for Gong as well. */
function isWaiting(stream: StreamName, service: string, selected: ReadonlySet<StreamName>): boolean {
  if (service === 'Semarize') return stream === 'semarize_runs';
  return stream !== 'semarize_runs' || selected.size === 1;
}
