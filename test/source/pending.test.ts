import { expect, test } from 'vitest';
import { afterTry, dropForgotten, dueCalls, type PendingEntry } from '../../src/source/pending.ts';

const hour = 3_600_000;
const day = 24 * hour;

test('asked at each sync in the first day, then hourly, from day 3 daily, given up at the age', () => {
  let entry: PendingEntry | undefined = afterTry(undefined, 0, 14, 'eng');
  expect(entry).toEqual({ firstSeen: 0, tries: 1, nextTry: 0 + 0 });
  const next = (now: number) => (afterTry(entry, now, 14, 'eng').nextTry || Number.NaN) - now;
  expect(next(23 * hour)).toBe(0);
  expect(next(25 * hour)).toBe(hour);
  expect(next(71 * hour)).toBe(hour);
  expect(next(73 * hour)).toBe(day);
  entry = afterTry(entry, 14 * day, 14, 'eng');
  expect(entry).toEqual({ firstSeen: 0, tries: 2, nextTry: 0, end: 'gave_up' });
});

test.each(['zxx', 'und'])('language %s ends as "none"', (language) => {
  expect(afterTry({ firstSeen: 0, tries: 5, nextTry: 1 }, 15 * day, 14, language).end).toBe('none');
});

test.each(['none', 'forbidden', 'too_large'] as const)(
  'what ended as %s keeps that end when a later sweep gets no answer for it at all',
  (end) => {
    const entry = { firstSeen: 0, tries: 5, nextTry: 0, end };
    expect(afterTry(entry, 20 * day, 14, undefined)).toEqual({ firstSeen: 0, tries: 6, nextTry: 0, end });
  },
);

test('nothing is given up at the first try, however short the patience', () => {
  expect(afterTry(undefined, 5, 0, 'eng').end).toBe(undefined);
});

test('due are those whose time has come; a sweep adds the given up ones and forgets what is out of its reach', () => {
  const pending = new Map<string, PendingEntry>([
    ['due', { firstSeen: 0, tries: 1, nextTry: 10 }],
    ['later', { firstSeen: 0, tries: 1, nextTry: 1000 }],
    ['ended', { firstSeen: 50 * day, tries: 9, nextTry: 0, end: 'gave_up' }],
    ['old', { firstSeen: 1, tries: 9, nextTry: 0, end: 'none' }],
  ]);
  expect(dueCalls(pending, 100, false)).toEqual(['due']);
  expect(dueCalls(pending, 100, true)).toEqual(['due', 'ended', 'old']);
  dropForgotten(pending, 100 * day, 90);
  expect([...pending.keys()]).toEqual(['due', 'later', 'ended']);
});
