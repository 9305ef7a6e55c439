// One batch into the open file: tables made ready and rows typed first, then rows and state in one transaction.
import { type ConfiguredStream, streamKey } from '../../core/catalog.ts';
import type { Clock } from '../../core/clock.ts';
import type { Batch, CommittedStream, StagedStream } from '../../core/destination.ts';
import { nextState, type StoredState } from '../../core/fence.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { emptyCounts } from '../../tables/counts.ts';
import type { Needs } from '../../tables/staged-table.ts';
import { type TypedBatch, typeBatch } from '../../tables/type-batch.ts';
import { metadataOf } from '../../tables/version-metadata.ts';
import { applyAction, prepareAction } from './actions.ts';
import { createBooks, hasBooks, writeState } from './bookkeeping.ts';
import { besideOf, hasRows, noteGeneration, openRefresh, type RefreshContext } from './refresh.ts';
import { ensureRefreshBook } from './refresh-books.ts';
import type { TargetTable } from './tables.ts';
import { prepareTable } from './tables.ts';
import { inTransaction } from './transaction.ts';
import { writeStream } from './write.ts';

export interface CommitContext extends RefreshContext {
  readonly connection: string;
  readonly clock: Clock;
}

/** What is known of the tables of the open file; somebody else may change them once it is closed. */
export interface KnownTables {
  readonly targets: Map<
    string,
    { readonly schema: JsonObject; readonly isVersioned: boolean | undefined; readonly target: TargetTable }
  >;
  /** By stream: do its rows go beside its table, for the refresh of this key? */
  readonly beside: Map<string, { readonly key: string | undefined; readonly isBeside: boolean }>;
}

interface Prepared {
  readonly staged: StagedStream;
  readonly isBeside: boolean;
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
  if (batch.streams.some(({ refresh, configured }) => (refresh ?? configured.generationId) !== undefined))
    await ensureRefreshBook(session);
  for (const [index, staged] of batch.streams.entries()) {
    const table = `__gong_elt_staged_${index}`;
    const isBeside = await goesBeside(session, staged, tables, context);
    const into = isBeside ? besideOf(staged.configured) : staged.configured;
    const targetFor = (needs: Needs) => targetOf(session, into, tables, context, needs);
    prepared.push({ staged, table, isBeside, typed: await typeBatch(session, table, staged, targetFor, log) });
  }
  for (const action of batch.actions ?? []) await prepareAction(session, action, settings);
  const next = nextState(before, batch, batch.id);
  crashPoint('duckdb:before-begin');
  const isStored = await inTransaction(session, async () => {
    const written: CommittedStream[] = [];
    for (const { staged, table, typed, isBeside } of prepared) {
      const counts =
        staged.rows === 0
          ? emptyCounts(staged)
          : await writeStream(session, staged, table, typed, metadataOf(staged.configured, settings.metadata));
      if (!isBeside && (staged.rows > 0 || staged.refresh !== undefined))
        await noteGeneration(session, staged.configured, settings);
      const replacesNothing = isBeside && !(await hasRows(session, staged.configured, settings));
      written.push(isBeside ? { ...counts, isBeside, replacesNothing } : counts);
    }
    for (const action of batch.actions ?? []) written.push(await applyAction(session, action, context));
    crashPoint('duckdb:before-state');
    if (!(await writeState(session, connection, next, clock.now()))) return 'roll back';
    crashPoint('duckdb:before-commit');
    onReady(written);
    return 'commit';
  });
  crashPoint('duckdb:after-commit');
  for (const { table, staged } of prepared) if (staged.rows > 0) await session.run(`DROP TABLE ${quoteIdent(table)}`);
  if (isStored && batch.actions?.some(({ kind }) => kind !== 'retire')) {
    tables.targets.clear();
    tables.beside.clear();
    // Tables were dropped and renamed: that does not stay in the log.
    await session.run('CHECKPOINT');
  }
  return isStored ? next : undefined;
}

/** Whether the rows of a stream go beside its table; decided once for each refresh while the file is open. */
async function goesBeside(
  session: Session,
  staged: StagedStream,
  { beside, targets }: KnownTables,
  context: CommitContext,
): Promise<boolean> {
  const name = streamKey(staged.configured.stream);
  const key = staged.refresh?.key;
  const known = beside.get(name);
  if (known !== undefined && known.key === key) return known.isBeside;
  const isBeside = await openRefresh(session, staged, context);
  // What was known of both tables may be gone with what was kept beside before.
  targets.delete(name);
  targets.delete(streamKey(besideOf(staged.configured).stream));
  beside.set(name, { key, isBeside });
  return isBeside;
}

/** The table of a stream, made or widened only when its schema or the batch asks for more than it is known to hold. */
async function targetOf(
  session: Session,
  configured: ConfiguredStream,
  { targets }: KnownTables,
  { settings, crashPoint }: CommitContext,
  needs: Needs,
): Promise<TargetTable> {
  const schema = configured.stream.jsonSchema;
  const key = streamKey(configured.stream);
  const found = targets.get(key);
  if (found?.schema === schema && found.isVersioned === configured.isVersioned && needs.size === 0) return found.target;
  const own = { ...settings, metadata: metadataOf(configured, settings.metadata) };
  const target = await prepareTable(session, configured, own, needs, crashPoint);
  targets.set(key, { schema, isVersioned: configured.isVersioned, target });
  return target;
}
