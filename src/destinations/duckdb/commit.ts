// One batch into the open file: tables made ready and rows typed first, then rows and state in one transaction.
import { streamKey } from '../../core/catalog.ts';
import type { Clock } from '../../core/clock.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import type { Batch, CommittedStream, StagedStream } from '../../core/destination.ts';
import { nextState, type StoredState } from '../../core/fence.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { emptyCounts } from '../../tables/counts.ts';
import type { Needs } from '../../tables/staged-table.ts';
import { type TypedBatch, typeBatch } from '../../tables/type-batch.ts';
import { createBooks, hasBooks, writeState } from './bookkeeping.ts';
import type { TableSettings, TargetTable } from './tables.ts';
import { prepareTable } from './tables.ts';
import { inTransaction } from './transaction.ts';
import { writeStream } from './write.ts';

export interface CommitContext {
  readonly settings: TableSettings;
  readonly connection: string;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

/** What is known of the tables of the open file; somebody else may change them once it is closed. */
export type KnownTables = Map<string, { readonly schema: JsonObject; readonly target: TargetTable }>;

interface Prepared {
  readonly staged: StagedStream;
  /** Temporary table with the typed rows. */
  readonly table: string;
  readonly typed: TypedBatch<TargetTable>;
}

/** Makes our own tables in a file that has none. */
export async function ensureBooks(session: Session, { settings, crashPoint }: CommitContext): Promise<void> {
  if (await hasBooks(session, settings.shown)) return;
  crashPoint('duckdb:before-ddl');
  await inTransaction(session, () => createBooks(session));
  await session.run('CHECKPOINT');
  crashPoint('duckdb:after-ddl');
}

/**
 * @param before the stored state, or undefined when there is none yet
 * @param onReady called right before COMMIT: from there on an error does not say whether the batch is stored
 * @returns undefined when another process moved the state in the meantime; nothing is stored then
 */
export async function commitBatch(
  session: Session,
  batch: Batch,
  before: StoredState | undefined,
  tables: KnownTables,
  context: CommitContext,
  onReady: (written: readonly CommittedStream[]) => void,
): Promise<StoredState | undefined> {
  const { connection, clock, crashPoint, settings, log } = context;
  const prepared: Prepared[] = [];
  for (const [index, staged] of batch.streams.entries()) {
    const table = `__gong_elt_staged_${index}`;
    const targetFor = (needs: Needs) => targetOf(session, staged, tables, context, needs);
    prepared.push({ staged, table, typed: await typeBatch(session, table, staged, targetFor, log) });
  }
  const next = nextState(before, batch, batch.id);
  crashPoint('duckdb:before-begin');
  const isStored = await inTransaction(session, async () => {
    const written: CommittedStream[] = [];
    for (const { staged, table, typed } of prepared)
      written.push(
        staged.rows === 0 ? emptyCounts(staged) : await writeStream(session, staged, table, typed, settings.metadata),
      );
    crashPoint('duckdb:before-state');
    if (!(await writeState(session, connection, next, clock.now()))) return 'roll back';
    crashPoint('duckdb:before-commit');
    onReady(written);
    return 'commit';
  });
  crashPoint('duckdb:after-commit');
  for (const { table, staged } of prepared) if (staged.rows > 0) await session.run(`DROP TABLE ${quoteIdent(table)}`);
  return isStored ? next : undefined;
}

/** The table of a stream, made or widened only when its schema or the batch asks for more than it is known to hold. */
async function targetOf(
  session: Session,
  { configured }: StagedStream,
  tables: KnownTables,
  { settings, crashPoint }: CommitContext,
  needs: Needs,
): Promise<TargetTable> {
  const schema = configured.stream.jsonSchema;
  const key = streamKey(configured.stream);
  const found = tables.get(key);
  if (found?.schema === schema && needs.size === 0) return found.target;
  const target = await prepareTable(session, configured, settings, needs, crashPoint);
  tables.set(key, { schema, target });
  return target;
}
