// A second destination without a second bill: rows, states and ledger of one place into another, no network.
import { copyFile, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Session } from '../duckdb/session.ts';
import type { LoadSummary } from '../load/summary.ts';
import { identifyProcess } from '../process/identity.ts';
import { openPlace } from './open-place.ts';
import { openDestination, type Place } from './places.ts';
import { configure } from './sync.ts';

export interface CopyOptions {
  readonly from: Place;
  readonly to: Place;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  readonly signal: AbortSignal;
}

/**
 * @throws ConnectorError: `config` when the target has a state already or the source has none, `busy` while either is being
 * synced, `destination` when a place cannot be read or written.
 */
export async function runCopy(options: CopyOptions): Promise<LoadSummary> {
  const { from, to, clock } = options;
  const { acquireSyncLock } = await import('../ledger/sync-lock.ts');
  const identity = await identifyProcess();
  if (to.kind === 'lake') await mkdir(to.path, { recursive: true, mode: 0o700 });
  const sourceLock = await acquireSyncLock(from.lockPath, identity);
  try {
    const targetLock = await acquireSyncLock(to.lockPath, identity);
    const source = await openDestination(from, { ...options, waitMs: 0 });
    const target = await openDestination(to, { ...options, waitMs: 0 });
    try {
      const saved = await source.readState();
      await source.close();
      if (saved === undefined)
        throw new ConnectorError(`${from.path} holds no sync of ours.`, {
          area: 'config',
          hint: 'name the file or folder that gong-elt sync wrote to',
        });
      await target.preflight();
      if ((await target.readState()) !== undefined || (await exists(to.ledgerPath)))
        throw new ConnectorError(`${to.path} has a state or a ledger of its own already.`, {
          area: 'config',
          hint: 'copy to a new file or folder; two histories cannot be joined',
        });
      // First, so that a copy which breaks off can never buy again what the source knows of.
      await copyLedger(from.ledgerPath, to.ledgerPath);
      const { createLoader } = await import('../load/loader.ts');
      const database = await openPlace(from, clock);
      try {
        return await database.exclusive(async (session) => {
          const streams = await presentStreams(session);
          const loader = createLoader({ ...options, destination: target, catalog: streams });
          for (const configured of streams) await copyRows(session, configured, loader, options.signal);
          for (const [stream, state] of Object.entries(saved.streams)) await loader.addState(stream, state);
          return await loader.finish();
        });
      } finally {
        await database.close();
      }
    } finally {
      await target.close();
      await targetLock.release();
    }
  } finally {
    await sourceLock.release();
  }
}

async function presentStreams(session: Session) {
  const { describeStream, streamNames } = await import('../source/streams.ts');
  const tables = await session.rows(
    'SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()',
  );
  const present = new Set(tables.map((row) => row['table_name']));
  return streamNames.filter((name) => present.has(name)).map((name) => configure(describeStream(name)));
}

type Loader = ReturnType<typeof import('../load/loader.ts')['createLoader']>;

/** Rows as JSON lines from DuckDB to DuckDB: no value passes through JavaScript. */
async function copyRows(
  session: Session,
  configured: ReturnType<typeof configure>,
  loader: Loader,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.stream(
    `SELECT to_json(t)::VARCHAR AS line, epoch_ms(extracted_at) AS at FROM ${configured.stream.name} t`,
  );
  for await (const chunk of rows)
    for (const [line, at] of chunk) {
      signal.throwIfAborted();
      await loader.addLine(configured, Buffer.from(String(line), 'utf8'), { emittedAt: Number(at ?? 0) });
    }
}

async function copyLedger(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  const temporary = `${to}.tmp`;
  await copyFile(from, temporary);
  const file = await open(temporary, 'r+');
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
