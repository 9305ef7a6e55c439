// One sandbox, one destination, and syncs between them in this process: real sockets, real files, a clock that jumps.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ErrorFields } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Machine } from '../../src/core/machine.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { runSync, type SyncResult } from '../../src/pipeline/sync.ts';
import { createVirtualClock, type SandboxClock } from '../../src/sandbox/clock.ts';
import { restoreSandbox, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { SandboxSettings } from '../../src/sandbox/settings.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { parseSourceConfig } from '../../src/source/config.ts';
import type { ReadRequest } from '../../src/source/read-request.ts';
import { createGongSemarizeSource, type GongSemarizeSource } from '../../src/source/source.ts';
import { environmentOf, machine as thisMachineOfTests } from './environment.ts';
import { sourceSettings } from './source-settings.ts';

export const kitA = 'A1B2C3D4';
export const kitB = '6AD3F0B6';

export interface HarnessOptions {
  world: World;
  /** What a sandbox saved of itself: it goes on from there, and `world` is left out of account. */
  saved?: JsonObject;
  /** The sandbox's clock at the start; ms since the epoch or ISO. */
  now: number | string;
  settings?: Partial<SandboxSettings>;
  config?: JsonObject;
  /** `warehouse.duckdb`, a folder's name, a path, or an address. */
  to?: string;
  machine?: Machine;
}

export interface Harness {
  readonly sandbox: Sandbox;
  readonly clock: SandboxClock;
  readonly to: string;
  readonly logged: { level: string; message: string; fields: ErrorFields | undefined }[];
  /** Config keys for all later syncs. */
  readonly config: JsonObject;
  /** How far this machine's wall clock is ahead of Gong's, in later syncs; ms. */
  skewMs: number;
  /** The source alone, for tests that read its messages by hand; closed after the test. */
  openSource(): GongSemarizeSource;
  sync(request?: Partial<ReadRequest> & { signal?: AbortSignal; maxWaitMs?: number; to?: string }): Promise<SyncResult>;
  /** Throws when the sync was not complete. */
  syncWell(request?: Partial<ReadRequest>): Promise<NonNullable<SyncResult['report']>>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** After the test at the latest; for tests that need many, one after the other. */
  close(): Promise<void>;
}

export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-test-'));
  const clock = createVirtualClock(typeof options.now === 'number' ? options.now : Date.parse(options.now));
  const others = { clock, ...(options.settings ? { settings: options.settings } : {}) };
  const sandbox =
    options.saved === undefined
      ? await startSandbox({ world: options.world, ...others })
      : await restoreSandbox(options.saved, others);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= sandbox.close().then(() => rm(folder, { recursive: true, force: true }));
    return closing;
  };
  onTestFinished(close);
  const to = options.to?.includes('://') ? options.to : resolve(folder, options.to ?? 'warehouse.duckdb');
  const machine = options.machine ?? thisMachineOfTests;
  const logged: Harness['logged'] = [];
  const config: JsonObject = {
    ...sourceSettings(sandbox),
    start_date: '2026-01-01',
    kits: [{ code: kitA }],
    ...options.config,
  };

  const createSource = (maxWaitMs = 15 * 60_000) => {
    const ownClock = { ...clock, now: () => clock.now() + harness.skewMs };
    return createGongSemarizeSource({
      config: parseSourceConfig(harness.config, ownClock.now()),
      clock: ownClock,
      random: () => 0.5,
      log: (level, message, fields) => logged.push({ level, message, fields }),
      userAgent: 'gong-elt-test',
      maxWaitMs,
    });
  };

  const harness: Harness = {
    sandbox,
    clock,
    to,
    logged,
    config,
    skewMs: 0,
    openSource() {
      const source = createSource();
      onTestFinished(() => source.close());
      return source;
    },
    async sync({ signal, maxWaitMs, to: otherPlace, ...request } = {}) {
      const source = createSource(maxWaitMs);
      try {
        return await runSync(
          { source, place: placeOf(otherPlace ?? to), request },
          environmentOf({
            clock,
            machine,
            log: (level, message, fields) => logged.push({ level, message, fields }),
            ...(signal === undefined ? {} : { signal }),
          }),
        );
      } finally {
        await source.close();
      }
    },
    close,
    async syncWell(request) {
      const { report, failure } = await harness.sync(request);
      if (failure !== undefined) throw failure;
      if (report === undefined) throw new Error('a sync without a report');
      return report;
    },
    async rows(sql) {
      const database = await placeOf(to).openReader(environmentOf({ clock, machine }));
      try {
        return await database.exclusive((session) => session.rows(sql));
      } finally {
        await database.close();
      }
    },
  };
  return harness;
}
