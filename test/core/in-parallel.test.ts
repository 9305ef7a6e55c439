import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inParallel } from '../../src/core/in-parallel.ts';

test('works on all items, and on no more than so many at a time', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(1);
    done.push(item);
    running -= 1;
  });
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test('after an error begins nothing more, and ends when what was begun has ended', async () => {
  const begun: number[] = [];
  let running = 0;
  const work = inParallel([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    running += 1;
    await sleep(item === 1 ? 1 : 20);
    running -= 1;
    if (item <= 2) throw new Error(`failed at ${item}`);
  });
  await expect(work).rejects.toThrow('failed at 1');
  expect(running).toBe(0);
  expect(begun).toEqual([1, 2]);
});
