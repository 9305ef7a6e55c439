// How far a sync is: counts on a terminal, elsewhere one line a minute. Drawn when something happens, so it needs no timer.
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Screen } from './screen.ts';

export interface Progress {
  /** More items of `name` are done. */
  count(name: string, items?: number): void;
  /** Why nothing moves, in a person's words ("Gong asks for 45 s"); undefined when it goes on. */
  waiting(reason: string | undefined): void;
  /** Takes the counts away. */
  end(): void;
}

interface Counter {
  done: number;
  /** Monotonic milliseconds at the first item. */
  since: number;
}

const redrawMs = 100;
const lineMs = 60_000;

export function createProgress(options: { screen: Screen; log: Log; clock: Clock }): Progress {
  const { screen, log, clock } = options;
  const counters = new Map<string, Counter>();
  let reason: string | undefined;
  // A terminal is drawn at once, a log says nothing before a minute has passed.
  let shownAt = screen.isTerminal ? Number.NEGATIVE_INFINITY : clock.monotonic();

  const counter = (name: string): Counter => {
    const known = counters.get(name) ?? { done: 0, since: clock.monotonic() };
    counters.set(name, known);
    return known;
  };
  const show = (isDue: boolean) => {
    const now = clock.monotonic();
    if (!isDue && now - shownAt < (screen.isTerminal ? redrawMs : lineMs)) return;
    shownAt = now;
    if (screen.isTerminal) {
      const lines = [...counters].map(([name, facts]) => countLine(name, facts, now));
      screen.status(reason === undefined ? lines : [...lines, reason]);
    } else if (counters.size > 0) log('info', minuteLine(counters, reason));
  };
  return {
    count(name, items = 1) {
      counter(name).done += items;
      show(false);
    },
    waiting(why) {
      const isNew = why !== undefined && why !== reason;
      reason = why;
      show(isNew);
    },
    end() {
      screen.status([]);
    },
  };
}

const counted = new Intl.NumberFormat('en-US');

function countLine(name: string, { done, since }: Counter, now: number): string {
  const seconds = (now - since) / 1000;
  const rate = seconds >= 1 ? `  ${counted.format(Math.round((done / seconds) * 10) / 10)}/s` : '';
  return `${name.padEnd(12)} ${counted.format(done)}${rate}`;
}

function minuteLine(counters: ReadonlyMap<string, Counter>, reason: string | undefined): string {
  const parts = [...counters].map(([name, { done }]) => `${name} ${counted.format(done)}`);
  return [...parts, ...(reason === undefined ? [] : [reason])].join(' · ');
}
