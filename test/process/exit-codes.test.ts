// The codes are a contract with schedulers: they do not change.
import { describe, expect, it } from 'vitest';
import type { ErrorArea } from '../../src/core/errors.ts';
import { ConnectorError, toConnectorError } from '../../src/core/errors.ts';
import { exitCodeOf, exitCodes } from '../../src/process/exit-codes.ts';

describe('exit codes', () => {
  it.each<[ErrorArea, number]>([
    ['config', 2],
    ['credentials', 3],
    ['quota', 4],
    ['service', 6],
    ['destination', 7],
    ['busy', 8],
    ['bug', 70],
  ])('an error of area %s ends with %i', (area, code) => {
    expect(exitCodeOf(new ConnectorError('x', { area }))).toBe(code);
  });

  it('an error that nobody foresaw is our bug', () => {
    expect(exitCodeOf(toConnectorError(new Error('x')))).toBe(70);
  });

  it('has codes of its own for an incomplete sync and for a spent budget', () => {
    expect([exitCodes.complete, exitCodes.incomplete, exitCodes.budget]).toEqual([0, 1, 5]);
  });
});
