// Progress by an injected clock.
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import type { Clock } from '../../src/core/clock.ts';

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
    progress.expect('transcripts', 1240);
    for (let second = 1; second <= 125; second++) {
      pass(1000);
      progress.count('transcripts');
      progress.count('calls', 2);
    }
    expect(logged).toEqual(['transcripts 60 of 1,240 · calls 118', 'transcripts 120 of 1,240 · calls 238']);
    expect(shown).toEqual([]);
  });

  it('says at once why it waits', () => {
    const { progress, logged } = progressOn(false);
    progress.count('calls');
    progress.waiting('Gong asks for 45 s');
    progress.waiting('Gong asks for 45 s');
    expect(logged).toEqual(['calls 1 · Gong asks for 45 s']);
  });

  it('draws bars with done, total, rate and what is left, at most ten times a second', () => {
    const { progress, shown, pass } = progressOn(true);
    progress.expect('runs', 100);
    for (let item = 0; item < 50; item++) {
      pass(50);
      progress.count('runs');
    }
    expect(shown.length).toBeLessThanOrEqual(26);
    expect(shown.at(-1)).toBe('runs         ████████████░░░░░░░░░░░░ 50/100  20/s  3 s left');
  });

  it('estimates nothing before a twentieth, or twenty items, are done', () => {
    const { progress, shown, pass } = progressOn(true);
    progress.expect('runs', 1000);
    pass(2000);
    progress.count('runs', 19);
    expect(shown.at(-1)).not.toContain('left');
    pass(2000);
    progress.count('runs', 1);
    expect(shown.at(-1)).toContain('left');
  });

  it('takes the bars away at the end', () => {
    const { progress, shown } = progressOn(true);
    progress.count('calls');
    progress.end();
    expect(shown.at(-1)).toBe('');
  });
});
