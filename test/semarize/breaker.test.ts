// When creation ends because of a service that fails, and what it takes until then.
import { expect, test } from 'vitest';
import { createBreaker } from '../../src/semarize/breaker.ts';

/** A breaker after three failures, over a service that answers or does not. */
function breakerOf(answers: boolean) {
  let probes = 0;
  const breaker = createBreaker(3, async () => {
    probes += 1;
    if (!answers) throw new Error('no answer');
  });
  return { breaker, probes: () => probes };
}

test('a row of failures asks the service once; the next row ends creation without asking again', async () => {
  const { breaker, probes } = breakerOf(true);
  const said: [boolean, number][] = [];
  for (let n = 0; n < 6; n++) said.push([await breaker.failed(), probes()]);
  expect(said).toEqual([
    [true, 0],
    [true, 0],
    [true, 1],
    [true, 1],
    [true, 1],
    [false, 1],
  ]);
});

test('a service that does not answer ends it after the first row', async () => {
  const { breaker, probes } = breakerOf(false);
  expect([await breaker.failed(), await breaker.failed(), await breaker.failed()]).toEqual([true, true, false]);
  expect(probes()).toBe(1);
});

test('each good answer begins a new row, and the row after it has a question of its own', async () => {
  const { breaker, probes } = breakerOf(true);
  for (let row = 1; row <= 4; row++) {
    for (let n = 0; n < 3; n++) expect(await breaker.failed()).toBe(true);
    expect(probes()).toBe(row);
    breaker.succeeded();
  }
  for (let n = 0; n < 20; n++) {
    expect([await breaker.failed(), await breaker.failed()]).toEqual([true, true]);
    breaker.succeeded();
  }
  expect(probes()).toBe(4);
});
