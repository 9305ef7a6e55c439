import { describe, expect, it } from 'vitest';
import * as numbers from '../../../src/analytics/report/numbers.ts';

const plain = (text: string) => text.replaceAll('\u202f', '_').replaceAll('\u2212', '-');

describe('numbers of the report', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [-1234567, '-1_234_567'],
    [85000.4, '85_000'],
  ])('groups the count %d as %s', (value, text) => {
    expect(plain(numbers.formatCount(value))).toBe(text);
  });

  it.each([
    [0.7312, '0.73'],
    [-0.004, '0.00'],
    [12.345, '12.3'],
    [1240.5, '1_241'],
    [-0.515, '-0.52'],
  ])('writes the estimate %d as %s', (value, text) => {
    expect(plain(numbers.formatEstimate(value))).toBe(text);
  });

  it.each([
    [0.12, 99, '12_%'],
    [0.12345, 100, '12.3_%'],
    [0.001, 50, '<1_%'],
    [0.9999, 500, '>99.9_%'],
    [0, 10, '0_%'],
    [1, 10, '100_%'],
  ])('writes the share %d of %d as %s: never 0 or 100 for what is not quite that', (value, n, text) => {
    expect(plain(numbers.formatShare(value, n))).toBe(text);
  });

  it('writes an interval only when both limits are there', () => {
    expect(numbers.formatInterval(0.1, 0.25, numbers.formatEstimate)).toBe('[0.10, 0.25]');
    expect(numbers.formatInterval(null, 0.25, numbers.formatEstimate)).toBe('');
    expect(numbers.formatInterval(Number.NaN, 0.25, numbers.formatEstimate)).toBe('');
  });

  it('never writes a probability of 0', () => {
    expect(numbers.formatProbability(1e-9)).toBe('<0.001');
    expect(numbers.formatProbability(0.0834)).toBe('0.083');
  });
});
