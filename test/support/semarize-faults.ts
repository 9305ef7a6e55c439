// What the fault tests of the paying side share: calls a day apart, and what must be true of rows and accepted runs.
import { expect } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { type Harness, type HarnessOptions, startHarness } from './sync-harness.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
/** The sandbox's clock when a test begins. */
export const start = Date.parse('2026-03-20T08:00:00Z');
export const post = 'POST /v1/runs';
export const poll = 'GET /v1/runs/{id}';
export const always = Number.POSITIVE_INFINITY;

export const idOf = (n: number) => `77823422740259378${String(n).padStart(2, '0')}`;

/** `n` calls, one every `days` days, the oldest first. */
export function someCalls(
  n: number,
  given: (index: number) => Partial<HandmadeCall> = () => ({}),
  days = 1,
): HandmadeCall[] {
  return Array.from({ length: n }, (_, index) => ({
    id: idOf(index),
    started: start - (n - index) * days * day,
    ...given(index),
  }));
}

export function harnessOf(calls: HandmadeCall[], options: Partial<HarnessOptions> = {}): Promise<Harness> {
  return startHarness({ world: createHandmadeWorld(calls), now: start, ...options });
}

export function rowsOf(harness: Harness): Promise<Record<string, unknown>[]> {
  return harness.rows('select call_id, kit_code, status from semarize_runs order by all');
}

/** So many accepted runs, all of them different, and a row for each; and no log line says what was said, or the key. */
export async function expectOnce(harness: Harness, calls: number, kits = 1): Promise<void> {
  const { ledger } = harness.sandbox;
  const log = JSON.stringify(harness.logged);
  expect(log).not.toContain(harness.sandbox.semarizeApiKey);
  for (const { text } of await harness.rows('select unnest(sentences).text as text from transcripts'))
    if (String(text).length > 20) expect(log).not.toContain(text);
  expect(ledger.distinctRuns).toBe(calls * kits);
  expect((await rowsOf(harness)).map((row) => `${row['call_id']} ${row['kit_code']}`)).toEqual(
    ledger.runs.map(({ callId, kitCode }) => `${callId} ${kitCode}`).sort(),
  );
}

export async function failureOf(harness: Harness): Promise<ConnectorError> {
  const { failure } = await harness.sync();
  if (!(failure instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(failure)}`);
  return failure;
}

/** The state of `semarize_runs` in the destination. */
export async function stateOf(harness: Harness): Promise<JsonObject> {
  const [row] = await harness.rows(`select streams->>'semarize_runs' as state from _gong_elt.state`);
  return JSON.parse(String(row?.['state'])) as JsonObject;
}
