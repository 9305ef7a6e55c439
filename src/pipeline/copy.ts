// A second destination without a second bill: rows, states and ledger of one place into another, no network.
import { ConnectorError } from '../core/errors.ts';
import { countRows, relationNames } from '../duckdb/relations.ts';
import type { Session } from '../duckdb/session.ts';
import type { LoadSummary } from '../load/summary.ts';
import type { Environment } from './environment.ts';
import type { Place } from './places/place.ts';
import { configure } from './sync.ts';

export interface CopyOptions {
  readonly from: Place;
  readonly to: Place;
}

/**
 * @throws ConnectorError: `config` when the target has a state already or the source has none, `busy` while either is being
 * synced, `destination` when a place cannot be read or written.
 */
export async function runCopy({ from, to }: CopyOptions, environment: Environment): Promise<LoadSummary> {
  const sourceLock = await from.acquireLock(environment);
  try {
    const targetLock = await to.acquireLock(environment);
    const target = await to.openDestination({}, environment);
    try {
      const source = await from.openDestination({}, environment);
      const saved = await source.readState().finally(() => source.close());
      if (saved === undefined)
        throw new ConnectorError(`${from.shown} holds no sync of ours.`, {
          area: 'config',
          hint: 'name the file or folder that gong-elt sync wrote to',
        });
      const offered = await ourStreams();
      await target.preflight(offered);
      if ((await target.readState()) !== undefined || (await to.hasLedger(environment)))
        throw new ConnectorError(`${to.shown} has a state or a ledger of its own already.`, {
          area: 'config',
          hint: 'copy to a new file or folder; two histories cannot be joined',
        });
      // First, so that a copy which breaks off can never buy again what the source knows of.
      if (await from.hasLedger(environment)) await copyLedger(from, to, environment);
      const { createLoader } = await import('../load/loader.ts');
      const database = await from.openReader(environment);
      try {
        return await database.exclusive(async (session) => {
          const present = await relationNames(session);
          const streams = offered.filter(({ stream }) => present.has(stream.name));
          const loader = createLoader({ ...environment, destination: target, catalog: streams });
          for (const configured of streams) await copyRows(session, configured, loader, environment.signal);
          await tellImported(session, present, environment.log);
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

/** Rows from outside come from files that are still there: they are named, and stay behind. */
async function tellImported(session: Session, present: ReadonlySet<string>, log: Environment['log']): Promise<void> {
  const { importTables } = await import('../import/merge.ts');
  for (const { name } of Object.values(importTables)) {
    const rows = present.has(name) ? await countRows(session, name) : 0;
    if (rows > 0)
      log('warn', `${name} is not copied: ${rows} imported rows`, {
        next_step: 'run gong-elt import with the same files on the copy',
      });
  }
}

async function ourStreams() {
  const { describeStream, streamNames } = await import('../source/streams.ts');
  return streamNames.map((name) => configure(describeStream(name)));
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

async function copyLedger(from: Place, to: Place, environment: Environment): Promise<void> {
  const source = await from.openLedger(environment, { readOnly: true });
  const target = await to.openLedger(environment);
  try {
    await target.takeOver(source.entries());
  } finally {
    await source.close();
    await target.close();
  }
}
