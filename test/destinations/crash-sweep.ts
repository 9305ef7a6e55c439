// Kills a load at each crash point, each time it is reached, and checks what is left and that the next load completes it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SavedState } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { endsWithUs } from '../support/ends-with-us.ts';

export interface CrashPlace {
  readonly kind: 'duckdb' | 'lake';
  /** Path of the file or folder. */
  readonly at: string;
  /** May the rows of a batch be there, table by table, with the state behind them? Tables that are missing read as empty then. */
  readonly showsRowsBeforeState?: boolean;
  readState(): Promise<SavedState | undefined>;
  read(sql: string): Promise<JsonObject[]>;
}

const rounds = 2;

/** @param times how often a whole load reaches `point`: it is killed at each of them, and fails here when it lives on */
export async function sweepCrashPoint(
  point: string,
  times: number,
  createPlace: () => Promise<CrashPlace>,
): Promise<void> {
  for (let time = 1; time <= times; time++) {
    const place = await createPlace();
    const { acknowledged, wasKilled } = await load(place, point, time);
    const where = `killed at ${point}, time ${time}`;
    expect(wasKilled, where).toBe(true);
    await expectWhole(place, acknowledged, where);
    await load(place, 'none', 0);
    await expectComplete(place, where);
  }
}

/** What was acknowledged is there, at most one round more, each whole and once. */
export async function expectWhole(place: CrashPlace, acknowledged: number, where: string): Promise<void> {
  const stored = Number((await place.readState())?.streams['calls']?.['round'] ?? 0);
  expect([acknowledged, acknowledged + 1], where).toContain(stored);
  if (stored > 0 || place.showsRowsBeforeState) {
    const { calls, tiny } = await content(place);
    const rounds = place.showsRowsBeforeState ? [stored, stored + 1].map(expected) : [expected(stored)];
    expect(
      rounds.map((round) => round.calls),
      where,
    ).toContainEqual(calls);
    expect(
      rounds.map((round) => round.tiny),
      where,
    ).toContainEqual(tiny);
  }
}

/** All rounds are there. */
export async function expectComplete(place: CrashPlace, where: string): Promise<void> {
  expect(await content(place), where).toEqual(expected(rounds));
  expect((await place.readState())?.streams, where).toEqual({ calls: { round: rounds } });
}

async function load(place: CrashPlace, point: string, time: number) {
  const args = [join(import.meta.dirname, 'crash-child.mjs'), place.kind, place.at, point, String(time)];
  const child = endsWithUs(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the load ended with ${code ?? signal}`);
  const acknowledged = [...said.matchAll(/ACK (\d+)/g)].map((match) => Number(match[1]));
  return { acknowledged: Math.max(0, ...acknowledged), wasKilled: signal === 'SIGKILL' };
}

async function content(place: CrashPlace) {
  return {
    calls: await place.read('SELECT id, updated FROM calls ORDER BY id'),
    tiny: await place.read('SELECT id, updated FROM tiny ORDER BY id'),
  };
}

/** After `round` whole rounds. */
function expected(round: number) {
  const each = Array.from({ length: round }, (_, index) => index + 1);
  return {
    calls: [
      ...each.map((n) => ({ id: `new ${n}`, updated: n })),
      ...Array.from({ length: round === 0 ? 0 : 10 }, (_, n) => ({ id: `old ${n}`, updated: round })),
    ],
    tiny: each.map((n) => ({ id: `tiny ${n}`, updated: n })),
  };
}
