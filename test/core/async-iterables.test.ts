import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { chunksOf, mapInOrder } from '../../src/core/async-iterables.ts';

async function* upTo(last: number, thenThrow?: Error) {
  for (let n = 1; n <= last; n++) yield n;
  if (thenThrow) throw thenThrow;
}

/** What was yielded, and how it ended. */
async function drain<T>(iterable: AsyncIterable<T>): Promise<{ items: T[]; error: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of iterable) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

test('results come in the order of the input, whichever is ready first, with so many under way and no more', async () => {
  let underWay = 0;
  let most = 0;
  const { items } = await drain(
    mapInOrder(upTo(6), 3, async (n) => {
      most = Math.max(most, ++underWay);
      await pause(n % 2 ? 5 : 0);
      underWay -= 1;
      return n * 10;
    }),
  );
  expect(items).toEqual([10, 20, 30, 40, 50, 60]);
  expect(most).toBe(3);
});

test('an input that fails does so after everything that it gave was handed on', async () => {
  const failure = new Error('no more');
  expect(await drain(mapInOrder(upTo(4, failure), 3, async (n) => n))).toEqual({ items: [1, 2, 3, 4], error: failure });
});

test('one call that fails ends it at its place: what stands before it is handed on, what stands behind is not', async () => {
  const failure = new Error('third');
  const map = async (n: number) => {
    if (n === 3) throw failure;
    return n;
  };
  expect(await drain(mapInOrder(upTo(9), 4, map))).toEqual({ items: [1, 2], error: failure });
});

test('a consumer that breaks off ends the input and waits for what is under way', async () => {
  let [finished, isInputEnded] = [0, false];
  async function* input() {
    try {
      yield* upTo(9);
    } finally {
      isInputEnded = true;
    }
  }
  for await (const first of mapInOrder(input(), 3, async (n) => {
    await pause(n === 1 ? 0 : 5);
    finished += 1;
    return n;
  })) {
    expect(first).toBe(1);
    break;
  }
  expect(isInputEnded).toBe(true);
  expect(finished).toBe(3);
});

test('chunks hold everything once, the last one what is left', () => {
  expect([...chunksOf([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
  expect([...chunksOf([], 2)]).toEqual([]);
});
