// The rows of one stream from the staged table into its own, inside the transaction that also writes the state.
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { countsOf } from '../../tables/counts.ts';
import { deletionColumn } from '../../tables/deletion.ts';
import { type DedupOrder, dedupOrder, hasKeyIn, selectOutdated } from '../../tables/newest.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import type { TypedBatch } from '../../tables/type-batch.ts';
import { chooseWinners } from '../../tables/winners.ts';
import type { TargetTable } from './tables.ts';

const winners = '__gong_elt_winners';

/** @throws ConnectorError (bug) when rows would be neither stored, superseded nor rejected */
export async function writeStream(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  { target, nulled, rounded }: TypedBatch<TargetTable>,
  metadata: RecordMetadata | undefined,
): Promise<CommittedStream> {
  const became =
    staged.configured.destinationSyncMode === 'append_dedup'
      ? await upsert(session, staged, stagedTable, target, metadata)
      : {
          written: await insert(session, staged, stagedTable, target, metadata, 'true'),
          superseded: 0,
          rejected: 0,
        };
  return countsOf(staged, became, { nulled, rounded });
}

async function upsert(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  target: TargetTable,
  metadata: RecordMetadata | undefined,
): Promise<Pick<CommittedStream, 'written' | 'superseded' | 'rejected' | 'deleted'>> {
  const order = dedupOrder(staged.configured, target.columns, metadata?.extractedAt);
  const { rejected, chosen } = await chooseWinners(session, stagedTable, winners, order);
  const lost = (await isEmpty(session, target)) ? 0 : await replaceStored(session, target, order);
  const isEach = chosen - lost === staged.rows;
  const isChosen = `${stagedColumns.seq} IN (SELECT seq FROM ${winners})`;
  const mark = deletionColumn(staged.configured, target.columns);
  const lives = mark === undefined ? '' : ` AND ${quoteIdent(mark)} IS NULL`;
  const condition = `${isEach ? 'true' : isChosen}${lives}`;
  const written = await insert(session, staged, stagedTable, target, metadata, condition);
  await session.run(`DROP TABLE ${winners}`);
  // The newest version of these keys says that the row is deleted: the stored one is gone, and it is not stored itself.
  const deleted = chosen - lost - written;
  return {
    written,
    superseded: staged.rows - rejected - chosen + lost,
    rejected,
    deleted: mark === undefined || deleted === 0 ? undefined : deleted,
  };
}

/** Deletes the stored rows that the winners replace, and leaves out the winners that are older than theirs. @returns how many */
async function replaceStored(session: Session, { sql }: TargetTable, order: DedupOrder): Promise<number> {
  const outdated = selectOutdated(winners, sql, order);
  const lost = outdated === undefined ? 0 : await session.run(`DELETE FROM ${winners} WHERE seq IN (${outdated})`);
  const keys = order.keys.map((_, index) => `k${index}`);
  await session.run(`DELETE FROM ${sql} WHERE ${hasKeyIn(order, `SELECT ${keys.join(', ')} FROM ${winners}`)}`);
  return lost;
}

async function isEmpty(session: Session, { sql }: TargetTable): Promise<boolean> {
  return (await session.rows(`SELECT 1 AS one FROM ${sql} LIMIT 1`)).length === 0;
}

async function insert(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  target: TargetTable,
  metadata: RecordMetadata | undefined,
  condition: string,
): Promise<number> {
  const own = target.columns.map(({ name }) => quoteIdent(name));
  const names = [...own, ...(metadata?.columns ?? []).map(({ name }) => quoteIdent(name))];
  const values = [...own, ...(metadata?.values(staged.configured) ?? [])];
  return session.run(
    `INSERT INTO ${target.sql} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${quoteIdent(stagedTable)} WHERE ${condition}`,
  );
}
