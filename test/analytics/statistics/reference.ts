// Numbers made once by SciPy, statsmodels and pingouin (test/fixtures/statistics/make.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export function readReference<T>(name: string): T {
  const path = join(import.meta.dirname, '../../fixtures/statistics', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Equal to 1e-9. */
export function expectEqual(found: number | undefined, expected: number, what: unknown): void {
  expect(Math.abs((found ?? Number.NaN) - expected), `${found} for ${expected}: ${JSON.stringify(what)}`).toBeLessThan(
    1e-9,
  );
}
