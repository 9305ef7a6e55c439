// States on their way back: which lines are printed, and when.
import { expect, test } from 'vitest';
import { createLineWriter } from '../../src/jsonl/writer.ts';
import { createAcknowledger } from '../../src/pipeline/acknowledge.ts';
import { openProgram } from '../support/program-io.ts';

const line = (n: number) => Buffer.from(`{"n":${n}}\n`);

function open(hasWholeStates: boolean) {
  const { io, stdout } = openProgram({});
  return { states: createAcknowledger(createLineWriter(io.stdout), hasWholeStates), stdout };
}

test('of states for everything before them the newest of a turn is printed, and none twice', async () => {
  const { states, stdout } = open(true);
  states.print(line(1));
  states.print(line(2));
  await expect.poll(stdout).toBe('{"n":2}\n');
  states.print(line(2));
  await states.finish();
  expect(stdout()).toBe('{"n":2}\n');
  states.print(line(3));
  // What is durable is printed before the end, without another turn.
  await states.finish();
  expect(stdout()).toBe('{"n":2}\n{"n":3}\n');
});

test('of states for one stream each is printed, however alike', async () => {
  const { states, stdout } = open(false);
  for (const n of [1, 2, 2]) await states.print(line(n));
  await states.finish();
  expect(stdout()).toBe('{"n":1}\n{"n":2}\n{"n":2}\n');
});

test('nothing is printed, and nothing thrown, when nobody reads any more', async () => {
  for (const hasWholeStates of [true, false]) {
    const { io, stdout } = openProgram({});
    const output = createLineWriter(io.stdout);
    const states = createAcknowledger(output, hasWholeStates);
    if (hasWholeStates) states.print(line(1));
    io.stdout.destroy();
    await expect.poll(() => output.signal.aborted).toBe(true);
    await states.finish();
    expect(stdout()).toBe('');
  }
});
