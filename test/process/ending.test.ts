// Results and errors as exit codes, each told once.
import { expect, test } from 'vitest';
import { ConnectorError, StoppedError } from '../../src/core/errors.ts';
import { endByError, endOfRun } from '../../src/process/ending.ts';

function listen() {
  const told: string[] = [];
  const words = {
    incomplete: (reason: string) => void told.push(`incomplete: ${reason}`),
    stopped: (reason: string) => void told.push(`stopped: ${reason}`),
    failed: ({ message }: ConnectorError) => void told.push(`failed: ${message}`),
  };
  return { told, words };
}

const { signal: calm } = new AbortController();

test('a complete run says nothing', () => {
  const { told, words } = listen();
  expect([endOfRun(undefined, words), told]).toEqual([0, []]);
});

test('an incomplete run says why', () => {
  const { told, words } = listen();
  expect([endOfRun('calls', words), told]).toEqual([1, ['incomplete: calls']]);
});

test('an error ends with the code of its area, and one of ours with 70', () => {
  const { told, words } = listen();
  expect(endByError(new ConnectorError('No.', { area: 'quota' }), calm, words)).toBe(4);
  expect(endByError(new TypeError('x'), calm, words)).toBe(70);
  expect(told).toEqual(['failed: No.', 'failed: unexpected error: TypeError: x']);
});

test('a stop is no failure, and the signal knows why', () => {
  const { told, words } = listen();
  expect(
    endByError(new StoppedError('aborted'), AbortSignal.abort(new StoppedError('stopped by SIGTERM')), words),
  ).toBe(1);
  expect(endByError(new StoppedError('hung up'), calm, words)).toBe(1);
  expect(told).toEqual(['stopped: stopped by SIGTERM', 'stopped: hung up']);
});
