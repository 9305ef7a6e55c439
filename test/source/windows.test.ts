import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, dayMs, halve, isDue, lowerBound, planWindows, safetyMs } from '../../src/source/windows.ts';

const instant = fc.integer({ min: 0, max: 2_000_000_000_000 });

test('windows cover the span without gap or overlap, none longer than 30 days', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: -dayMs, max: 400 * dayMs }), (from, length) => {
      const windows = planWindows(from, from + length);
      if (length <= 0) {
        expect(windows).toEqual([]);
        return;
      }
      expect(windows[0]?.from).toBe(from);
      expect(windows.at(-1)?.until).toBe(from + length);
      for (const [index, window] of windows.entries()) {
        expect(window.until - window.from).toBeGreaterThan(0);
        expect(window.until - window.from).toBeLessThanOrEqual(30 * dayMs);
        if (index > 0) expect(window.from).toBe(windows[index - 1]?.until);
      }
    }),
  );
});

test('halves cover the whole, and a window of a minute is not cut', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 120_000, max: dayMs }), (from, length) => {
      const halves = halve({ from, until: from + length });
      expect(halves?.[0].from).toBe(from);
      expect(halves?.[0].until).toBe(halves?.[1].from);
      expect(halves?.[1].until).toBe(from + length);
    }),
  );
  expect(halve({ from: 0, until: 60_000 })).toBe(undefined);
});

test('a bookmark never goes back and never into the last five minutes of Gong’s clock', () => {
  fc.assert(
    fc.property(fc.option(instant), instant, instant, (closed, moved, serverNow) => {
      const next = advance(closed, moved, serverNow);
      if (closed !== null) expect(next).toBeGreaterThanOrEqual(closed);
      if (closed === null || next > closed) expect(next).toBeLessThanOrEqual(Math.min(moved, serverNow - safetyMs));
    }),
  );
});

test('C6 listing starts a look-back before the bookmark, never before the start', () => {
  expect(lowerBound({ closedThrough: null, start: 100 }, dayMs)).toBe(100);
  expect(lowerBound({ closedThrough: 10 * dayMs, start: 100 }, dayMs)).toBe(9 * dayMs);
  expect(lowerBound({ closedThrough: 10 * dayMs, start: 9.5 * dayMs }, dayMs)).toBe(9.5 * dayMs);
  expect(isDue(null, dayMs, 0)).toBe(true);
  expect(isDue(0, dayMs, dayMs - 1)).toBe(false);
  expect(isDue(0, dayMs, dayMs)).toBe(true);
});
