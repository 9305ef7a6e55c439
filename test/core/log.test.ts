// Levels as hosts name them, and texts for places with room for one.
import { expect, test } from 'vitest';
import { isShown, type LogLevel, logText, readLogLevel } from '../../src/core/log.ts';

test.each<[string | undefined, LogLevel]>([
  ['DEBUG', 'debug'],
  ['trace', 'debug'],
  ['Info', 'info'],
  ['WARNING', 'warn'],
  ['warn', 'warn'],
  ['error', 'error'],
  ['CRITICAL', 'error'],
  ['fatal', 'error'],
  ['constructor', 'info'],
  ['', 'info'],
  [undefined, 'info'],
])('%j is the level %s', (name, level) => {
  expect(readLogLevel(name)).toBe(level);
});

test('a level shows itself and what is more important', () => {
  const shownAt = (least: LogLevel) =>
    (['error', 'warn', 'info', 'debug'] as const).filter((level) => isShown(level, least));
  expect(shownAt('warn')).toEqual(['error', 'warn']);
  expect(shownAt('debug')).toEqual(['error', 'warn', 'info', 'debug']);
});

test('fields stand behind the text, those that are not there left out', () => {
  expect(logText('loaded', { rows: 3, stream: undefined, last: null })).toBe('loaded rows=3 last=null');
  expect(logText('loaded')).toBe('loaded');
});
