// Progress by an injected clock.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { createProgress } from '../../src/process/progress.ts';

function progressOn(isTerminal: boolean) {
  let now = 0;
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => {} };
  const pass = (ms: number) => {
    now += ms;
  };
  const shown: string[] = [];
  const logged: string[] = [];
  const screen = {
    isTerminal,
    line: () => {},
    status: (lines: readonly string[]) => void shown.push(lines.join('\n')),
  };
  const progress = createProgress({ screen, clock, log: (_level, message) => void logged.push(message) });
  return { progress, shown, logged, pass };
}

describe('progress', () => {
  it('says one line a minute off a terminal, and nothing before the first minute is over', () => {
    const { progress, shown, logged, pass } = progressOn(false);
    for (let second = 1; second <= 125; second++) {
      pass(1000);
      progress.count('transcripts');
      progress.count('calls', 2);
    }
    expect(logged).toEqual(['transcripts 60 · calls 118', 'transcripts 120 · calls 238']);
    expect(shown).toEqual([]);
  });

  it('says at once why it waits', () => {
    const { progress, logged } = progressOn(false);
    progress.count('calls');
    progress.waiting('Gong asks for 45 s');
    progress.waiting('Gong asks for 45 s');
    expect(logged).toEqual(['calls 1 · Gong asks for 45 s']);
  });

  it('draws counts with their rates, at most ten times a second', () => {
    const { progress, shown, pass } = progressOn(true);
    for (let item = 0; item < 50; item++) {
      pass(50);
      progress.count('runs');
    }
    expect(shown.length).toBeLessThanOrEqual(26);
    expect(shown.at(-1)).toBe('runs         49  20.4/s');
  });

  it('takes the counts away at the end', () => {
    const { progress, shown } = progressOn(true);
    progress.count('calls');
    progress.end();
    expect(shown.at(-1)).toBe('');
  });
});
