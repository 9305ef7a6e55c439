// A local Gong and Semarize over real sockets: the demo, the tests and users without keys run against it.
import { createHmac } from 'node:crypto';
import { type Clock, systemClock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { createVirtualClock, isSandboxClock, type SandboxClock } from './clock.ts';
import { createFaultScript, type FaultScript } from './faults.ts';
import { createGong } from './gong/gong.ts';
import { createLedger, type SandboxLedger } from './ledger.ts';
import { createRunStore, type StoredRun } from './semarize/run-store.ts';
import { createSemarize, type SemarizeKeys } from './semarize/semarize.ts';
import { createTextIndex } from './semarize/text-index.ts';
import { startServer } from './server.ts';
import { defaultSettings, type SandboxSettings } from './settings.ts';
import { restoreWorld } from './world/restore-world.ts';
import type { World } from './world/world.ts';

export interface SandboxOptions {
  world: World;
  /** Default: real time. See `createVirtualClock`. */
  clock?: Clock;
  /** On 127.0.0.1; 0 (default) takes any free one. */
  port?: number;
  settings?: Partial<SandboxSettings>;
}

export interface Sandbox {
  /** Base URL of both services: Gong below `/v2`, Semarize below `/v1`. */
  readonly url: string;
  readonly gongAccessKey: string;
  readonly gongAccessKeySecret: string;
  readonly semarizeApiKey: string;
  readonly semarizeKeys: SemarizeKeys;
  readonly clock: Clock & Partial<SandboxClock>;
  readonly ledger: SandboxLedger;
  readonly faults: FaultScript;
  readonly world: World;
  /** May be changed while it runs. */
  readonly settings: SandboxSettings;
  /** World, clock, accepted runs and their keys, totals: enough for `restoreSandbox`. */
  toJSON(): JsonObject;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  return start(options, []);
}

/**
 * The sandbox as it was: same world, same runs under the same Idempotency-Keys, and the clock where it stood unless another
 * one is given. Settings are not saved.
 * @throws RangeError when `saved` is not what `toJSON` made.
 */
export function restoreSandbox(saved: JsonObject, options: Omit<SandboxOptions, 'world'> = {}): Promise<Sandbox> {
  const { format, world, runs, clock_ms: clockMs } = saved;
  if (format !== 1 || !isJsonObject(world) || !Array.isArray(runs)) throw new RangeError('not a saved sandbox');
  const clock = options.clock ?? (typeof clockMs === 'number' ? createVirtualClock(clockMs) : systemClock);
  return start({ ...options, clock, world: restoreWorld(world) }, runs as unknown as StoredRun[]);
}

async function start(options: SandboxOptions, savedRuns: readonly StoredRun[]): Promise<Sandbox> {
  const { world, clock = systemClock } = options;
  const settings: SandboxSettings = { ...defaultSettings, ...options.settings };
  const faults = createFaultScript();
  const runs = createRunStore(clock, settings, savedRuns);
  const ledger = createLedger(runs);
  const texts = createTextIndex(world);
  const key = {
    accessKey: makeKey(world, 'gong', 32).toUpperCase(),
    accessKeySecret: makeKey(world, 'gong secret', 64),
  };
  const semarizeKeys: SemarizeKeys = {
    live: `smz_live_sandbox${makeKey(world, 'live', 24)}`,
    test: `smz_test_sandbox${makeKey(world, 'test', 24)}`,
    expired: `smz_live_expired${makeKey(world, 'expired', 24)}`,
    otherWorkspace: `smz_live_other${makeKey(world, 'other', 24)}`,
  };
  const services = {
    gong: createGong({ world, clock, settings, key, onSpeech: texts.remember }),
    semarize: createSemarize({ world, clock, settings, keys: semarizeKeys, runs, texts }),
  };
  const server = await startServer({ clock, settings, faults, ledger, services }, options.port ?? 0);
  return {
    url: server.url,
    gongAccessKey: key.accessKey,
    gongAccessKeySecret: key.accessKeySecret,
    semarizeApiKey: semarizeKeys.live,
    semarizeKeys,
    clock,
    ledger,
    faults,
    world,
    settings,
    toJSON: () => ({
      format: 1,
      world: world.parameters,
      clock_ms: isSandboxClock(clock) ? clock.now() : null,
      runs: runs.toJSON(),
      ledger: ledger.totals(),
    }),
    close: () => server.close(),
  };
}

/** Keys follow from the world's seed, so that a restarted sandbox takes the same ones. Not a secret of anything. */
function makeKey(world: World, purpose: string, length: number): string {
  return createHmac('sha256', `sandbox ${world.seed}`).update(purpose).digest('hex').slice(0, length);
}
