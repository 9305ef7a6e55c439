// The ten worst ways in which a sync under a host is interrupted. After each: nothing acknowledged that is not stored; after the
// next sync: nothing lost, no run bought twice.
import { expect, test } from 'vitest';
import { expectUndisturbed, openConnection } from './connection.ts';
import type { SyncOptions } from './platform.ts';

interface Case {
  readonly name: string;
  readonly options: SyncOptions;
  /** Exit codes and signals of the interrupted sync that are right. */
  readonly source?: { code?: number | null; signal?: string | null };
  readonly destination?: { code?: number | null; signal?: string | null };
}

const cases: Case[] = [
  {
    name: 'the source is killed before any state',
    options: { disturbance: { after: { records: 10 }, kill: ['source'] } },
    source: { signal: 'SIGKILL' },
    // Its input ended without COMPLETE: in the modes that it has, that is an end like any other.
    destination: { code: 0 },
  },
  {
    name: 'the source is killed with runs under way',
    options: { disturbance: { after: { states: 4 }, kill: ['source'] } },
    source: { signal: 'SIGKILL' },
    destination: { code: 0 },
  },
  {
    name: 'the destination is killed',
    options: { disturbance: { after: { states: 4 }, kill: ['destination'] } },
    destination: { signal: 'SIGKILL' },
  },
  {
    name: 'the destination is killed right after its first echo',
    options: { disturbance: { after: { echoes: 1 }, kill: ['destination'] } },
  },
  {
    name: 'both are killed',
    options: { disturbance: { after: { states: 5 }, kill: ['source', 'destination'] } },
    source: { signal: 'SIGKILL' },
    destination: { signal: 'SIGKILL' },
  },
  {
    name: 'the source gets SIGTERM',
    options: { disturbance: { after: { states: 4 }, kill: ['source'], signal: 'SIGTERM' } },
    source: { signal: 'SIGTERM' },
    destination: { code: 0 },
  },
  {
    name: 'both get SIGTERM',
    options: { disturbance: { after: { states: 4 }, kill: ['source', 'destination'], signal: 'SIGTERM' } },
    source: { signal: 'SIGTERM' },
    destination: { signal: 'SIGTERM' },
  },
  {
    name: 'the reader of the source hangs up',
    options: { disturbance: { after: { records: 15 }, closesSourceOutput: true } },
    source: { code: 1 },
    destination: { code: 0 },
  },
];

test.each(cases)('$name: nothing lost, nothing acknowledged early, nothing bought twice', async (wanted) => {
  const connection = await openConnection();
  const broken = await connection.platform.sync(connection.streams, wanted.options);
  expect(broken.problems).toEqual([]);
  for (const side of ['source', 'destination'] as const) {
    const { code, signal } = wanted[side] ?? {};
    if (code !== undefined) expect(broken.codes[side], broken.texts.join('\n')).toBe(code);
    if (signal !== undefined) expect(broken.signals[side]).toBe(signal);
  }
  if (broken.acknowledged.size > 0) await connection.expectAcknowledgedStored(broken);
  expectUndisturbed(await connection.platform.sync(connection.streams));
  await connection.expectComplete();
});

test('a slow reader and messages full of nulls change nothing', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams, { slowMs: 5, nullFilled: true }));
  await connection.expectComplete();
});

test('an input that ends without a word loads what came before', async () => {
  const connection = await openConnection();
  const broken = await connection.platform.sync(connection.streams, {
    disturbance: { after: { records: 1 }, kill: ['source'] },
  });
  expect(broken.problems).toEqual([]);
  expect(broken.codes.destination).toBe(0);
  expect(broken.statuses.filter((status) => status.endsWith('COMPLETE'))).toEqual([]);
  await connection.expectAcknowledgedStored(broken);
  expectUndisturbed(await connection.platform.sync(connection.streams));
  await connection.expectComplete();
});

test('a stream that the host resets is read again, the others go on, and nothing is bought again', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams));
  const posts = connection.sandbox.ledger.posts;
  connection.platform.states.delete('transcripts');
  const again = await connection.platform.sync(connection.streams);
  expectUndisturbed(again);
  expect(again.records).toBe(30);
  expect(connection.sandbox.ledger.posts).toBe(posts);
  await connection.expectComplete();
});

test('interrupted again and again, it arrives', async () => {
  const connection = await openConnection();
  for (const states of [1, 2, 3, 4, 5]) {
    const side = states % 2 === 0 ? 'source' : 'destination';
    const broken = await connection.platform.sync(connection.streams, {
      disturbance: { after: { states }, kill: [side] },
    });
    expect(broken.problems).toEqual([]);
    if (broken.acknowledged.size > 0) await connection.expectAcknowledgedStored(broken);
  }
  expectUndisturbed(await connection.platform.sync(connection.streams));
  await connection.expectComplete();
});
