// The demo's sandbox over restarts: its world, its clock and what was bought from it stand in demo/sandbox.json.
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { SandboxClock } from './clock.ts';
import { createVirtualClock, isSandboxClock } from './clock.ts';
import type { Sandbox } from './sandbox.ts';
import { restoreSandbox, startSandbox } from './sandbox.ts';
import { createWorld } from './world/create-world.ts';

export interface DemoSandbox {
  readonly sandbox: Sandbox;
  readonly clock: SandboxClock;
  /** Virtual days whose sync is complete: 0, 1 or 2. */
  readonly daysDone: number;
  /** Milliseconds since the epoch at which the sync of day 1 or 2 begins. */
  startOf(day: number): number;
  save(daysDone: number): Promise<void>;
}

const dayMs = 24 * 3_600_000;
// The virtual clock measures what the sandbox makes us wait; rates of the real Gong would only be waited for.
const settings = { gongRequestsPerSecond: Number.POSITIVE_INFINITY, gongRequestsPerDay: Number.POSITIVE_INFINITY };

/**
 * @param folder where the demo's files are
 * @throws ConnectorError of area `config` when a part of an earlier demo is missing: its runs would be unknown here.
 */
export async function openDemoSandbox(folder: string): Promise<DemoSandbox> {
  const path = join(folder, 'sandbox.json');
  const saved = await readSaved(path);
  if (saved === undefined && (await stat(join(folder, 'warehouse.duckdb')).catch(() => undefined)) !== undefined)
    throw notWhole(path);
  const sandbox = saved === undefined ? await startNew() : await restore(saved.sandbox, path);
  const { clock, world } = sandbox;
  const { endsAt } = world.parameters;
  if (!isSandboxClock(clock) || typeof endsAt !== 'number') throw notWhole(path);
  return {
    sandbox,
    clock,
    daysDone: saved?.daysDone ?? 0,
    startOf: (day) => endsAt - (2 - day) * dayMs,
    async save(daysDone) {
      const text = JSON.stringify({ days_done: daysDone, sandbox: sandbox.toJSON() });
      await writeFile(`${path}.tmp`, text, { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    },
  };
}

function startNew(): Promise<Sandbox> {
  const world = createWorld({ calls: 240 });
  const { endsAt } = world.parameters;
  return startSandbox({ world, settings, clock: createVirtualClock(Number(endsAt) - dayMs) });
}

async function restore(saved: JsonObject, path: string): Promise<Sandbox> {
  try {
    return await restoreSandbox(saved, { settings });
  } catch (error) {
    throw error instanceof RangeError ? notWhole(path, error) : error;
  }
}

async function readSaved(path: string): Promise<{ daysDone: number; sandbox: JsonObject } | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { days_done: daysDone, sandbox } = JSON.parse(text) as JsonObject;
    if (typeof daysDone === 'number' && isJsonObject(sandbox)) return { daysDone, sandbox };
  } catch (error) {
    throw notWhole(path, error);
  }
  throw notWhole(path);
}

function notWhole(path: string, cause?: unknown): ConnectorError {
  return new ConnectorError(`The files of an earlier demo are not whole (${path} is missing or damaged).`, {
    area: 'config',
    hint: 'delete the folder demo, then run gong-elt demo again',
    cause,
  });
}
