// A wait is told while it lasts, and nothing is asked for that the consumer did not ask for.
import { expect, test } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { createWaits } from '../../src/source/waits.ts';

const all = new Set(['calls', 'transcripts', 'semarize_runs'] as const);
const log = (message: string): Message => ({ type: 'log', level: 'info', message });

test('the streams of the service that asks for it are told at once, while the next message is awaited', async () => {
  const waits = createWaits();
  let goOn = () => {};
  async function* source(): AsyncGenerator<Message> {
    yield log('before');
    await new Promise<void>((resolve) => {
      goOn = resolve;
      waits.begin('Gong', 1000);
    });
    yield log('after');
  }
  const messages = waits.interleave(source(), all);
  expect((await messages.next()).value).toEqual(log('before'));
  expect((await messages.next()).value).toEqual({
    type: 'status',
    stream: 'calls',
    status: 'running',
    rateLimitedUntil: 1000,
  });
  expect((await messages.next()).value).toMatchObject({ stream: 'transcripts', rateLimitedUntil: 1000 });
  const next = messages.next();
  waits.begin('Semarize', 2000);
  expect((await next).value).toMatchObject({ stream: 'semarize_runs', rateLimitedUntil: 2000 });
  goOn();
  expect((await messages.next()).value).toEqual(log('after'));
  expect((await messages.next()).done).toBe(true);
});

test('the source goes on only when the consumer does, and is told when it leaves', async () => {
  const waits = createWaits();
  const steps: string[] = [];
  async function* source(): AsyncGenerator<Message> {
    try {
      for (let step = 1; ; step++) {
        steps.push(`step ${step}`);
        yield log(String(step));
      }
    } finally {
      steps.push('left');
    }
  }
  const messages = waits.interleave(source(), all);
  await messages.next();
  waits.begin('Gong', 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual(['step 1']);
  await messages.return(undefined);
  expect(steps).toEqual(['step 1', 'left']);
});

test('a failure comes through', async () => {
  async function* source(): AsyncGenerator<Message> {
    yield log('one');
    throw new Error('broken');
  }
  const messages = createWaits().interleave(source(), all);
  await messages.next();
  await expect(messages.next()).rejects.toThrow('broken');
});

test('runs that are read alone wait for Gong as well', async () => {
  const waits = createWaits();
  async function* source(): AsyncGenerator<Message> {
    yield log('one');
  }
  waits.begin('Gong', 5);
  const messages = waits.interleave(source(), new Set(['semarize_runs'] as const));
  expect((await messages.next()).value).toMatchObject({ stream: 'semarize_runs', rateLimitedUntil: 5 });
});
