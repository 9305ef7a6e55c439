// How far a sync is: bars on a terminal, elsewhere one line a minute. Drawn when something happens, so it needs no timer.
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Screen } from '../process/screen.ts';

export interface Progress {
  /** How many items of `name` there will be, as far as is known now. */
  expect(name: string, total: number): void;
  /** More items of `name` are done. */
  count(name: string, items?: number): void;
  /** Why nothing moves, in a person's words ("Gong asks for 45 s"); undefined when it goes on. */
  waiting(reason: string | undefined): void;
  /** Takes the bars away. */
  end(): void;
}

interface Counter {
  done: number;
  total: number | undefined;
  /** Monotonic milliseconds at the first item. */
  since: number;
}

const redrawMs = 100;
const lineMs = 60_000;
const barWidth = 24;

export function createProgress(options: { screen: Screen; log: Log; clock: Clock }): Progress {
  const { screen, log, clock } = options;
  const counters = new Map<string, Counter>();
  let reason: string | undefined;
  // A terminal is drawn at once, a log says nothing before a minute has passed.
  let shownAt = screen.isTerminal ? Number.NEGATIVE_INFINITY : clock.monotonic();

  const counter = (name: string): Counter => {
    const known = counters.get(name) ?? { done: 0, total: undefined, since: clock.monotonic() };
    counters.set(name, known);
    return known;
  };
  const show = (isDue: boolean) => {
    const now = clock.monotonic();
    if (!isDue && now - shownAt < (screen.isTerminal ? redrawMs : lineMs)) return;
    shownAt = now;
    if (screen.isTerminal) {
      const bars = [...counters].map(([name, facts]) => barLine(name, facts, now));
      screen.status(reason === undefined ? bars : [...bars, reason]);
    } else if (counters.size > 0) log('info', minuteLine(counters, reason));
  };
  return {
    expect(name, total) {
      counter(name).total = total;
      show(false);
    },
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

function barLine(name: string, { done, total, since }: Counter, now: number): string {
  const seconds = (now - since) / 1000;
  const rate = seconds >= 1 ? `  ${counted.format(Math.round((done / seconds) * 10) / 10)}/s` : '';
  if (total === undefined) return `${name.padEnd(12)} ${counted.format(done)}${rate}`;
  const full = total === 0 ? barWidth : Math.min(barWidth, Math.floor((done / total) * barWidth));
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
  return `${name.padEnd(12)} ${bar} ${counted.format(done)}/${counted.format(total)}${rate}${remaining(done, total, seconds)}`;
}

/** An estimate before a twentieth, or twenty items, are done would only jump. */
function remaining(done: number, total: number, seconds: number): string {
  if (done >= total || seconds < 1 || (done < total * 0.05 && done < 20)) return '';
  const left = Math.ceil(((total - done) / done) * seconds);
  return left < 120 ? `  ${left} s left` : `  ${Math.ceil(left / 60)} min left`;
}

function minuteLine(counters: ReadonlyMap<string, Counter>, reason: string | undefined): string {
  const parts = [...counters].map(([name, { done, total }]) =>
    total === undefined
      ? `${name} ${counted.format(done)}`
      : `${name} ${counted.format(done)} of ${counted.format(total)}`,
  );
  return [...parts, ...(reason === undefined ? [] : [reason])].join(' · ');
}
