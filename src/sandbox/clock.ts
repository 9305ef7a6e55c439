// A clock that stands still until it is told: the demo's two days, and the life of a call, pass in a moment.
import type { Clock } from '../core/clock.ts';

export interface SandboxClock extends Clock {
  /** Moves to an instant, milliseconds since the epoch. @throws RangeError for one before now: time only grows. */
  set(ms: number): void;
  advance(ms: number): void;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * @param onSleep what a sleeper does to the clock. `jump`: when everybody who was told to wait waits, the clock jumps to the
 *   earliest of them, so that code which polls or backs off goes on at once. Nobody may sleep on it in an endless loop (a
 *   ticker, a watchdog): time would run away. `wait`: only `set` and `advance` wake sleepers.
 */
export function createVirtualClock(startMs: number, onSleep: 'jump' | 'wait' = 'jump'): SandboxClock {
  let now = startMs;
  let sleepers: Sleeper[] = [];
  let jumping = false;

  const set = (ms: number) => {
    if (!(ms >= now)) throw new RangeError('the clock only moves forward');
    now = ms;
    const due = sleepers.filter((sleeper) => sleeper.at <= now);
    sleepers = sleepers.filter((sleeper) => sleeper.at > now);
    for (const sleeper of due) sleeper.wake();
  };
  const jumpSoon = () => {
    if (jumping || onSleep === 'wait' || sleepers.length === 0) return;
    jumping = true;
    // A turn of the event loop for those who are about to sleep as well, or to be answered.
    setImmediate(() => {
      jumping = false;
      const [earliest] = sleepers;
      if (earliest) set(earliest.at);
      jumpSoon();
    });
  };

  return {
    now: () => now,
    monotonic: () => now,
    set,
    advance: (ms) => set(now + ms),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: now + Math.max(ms, 0),
          wake: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        sleepers.push(sleeper);
        sleepers.sort((left, right) => left.at - right.at);
        jumpSoon();
      }),
  };
}

export function isSandboxClock(clock: Clock): clock is SandboxClock {
  return 'set' in clock && 'advance' in clock;
}
