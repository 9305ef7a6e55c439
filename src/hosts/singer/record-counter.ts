// Counts records by stream for a host that shows them: what came since the last time, once a minute and at the end.
import type { Clock } from '../../core/clock.ts';
import type { SingerLog } from './log.ts';

const everyMs = 60_000;

export interface RecordCounter {
  add(stream: string): void;
  /** Says what was not said yet, and how long it took. */
  finish(succeeded: boolean): void;
}

export function createRecordCounter(clock: Clock, metric: SingerLog['metric']): RecordCounter {
  const startedAt = clock.monotonic();
  const counts = new Map<string, number>();
  let saidAt = startedAt;

  function say() {
    saidAt = clock.monotonic();
    for (const [stream, value] of counts)
      if (value > 0) metric({ type: 'counter', metric: 'record_count', value, tags: { stream } });
    counts.clear();
  }

  return {
    add(stream) {
      counts.set(stream, (counts.get(stream) ?? 0) + 1);
      if (clock.monotonic() - saidAt >= everyMs) say();
    },
    finish(succeeded) {
      say();
      const seconds = (clock.monotonic() - startedAt) / 1000;
      const status = succeeded ? 'succeeded' : 'failed';
      metric({ type: 'timer', metric: 'sync_duration', value: seconds, tags: { status } });
    },
  };
}
