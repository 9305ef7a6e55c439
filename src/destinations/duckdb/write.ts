// The rows of one stream from the staged table into its own, inside the transaction that also writes the state.
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { countsOf } from '../../tables/counts.ts';
import { createMatches, dedupOrder } from '../../tables/newest.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import type { TypedBatch } from '../../tables/type-batch.ts';
import { chooseWinners } from '../../tables/winners.ts';
import type { TargetTable } from './tables.ts';

const winners = '__gong_elt_winners';
const matches = '__gong_elt_matches';

/** @throws ConnectorError (bug) when rows would be neither stored, superseded nor rejected */
export async function writeStream(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  { target, nulled }: TypedBatch<TargetTable>,
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
  return countsOf(staged, became, nulled);
}

async function upsert(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  target: TargetTable,
  metadata: RecordMetadata | undefined,
): Promise<Pick<CommittedStream, 'written' | 'superseded' | 'rejected' | 'deleted'>> {
  const order = dedupOrder(staged.configured, target.columns);
  const { rejected, chosen } = await chooseWinners(session, stagedTable, winners, order);
  await session.run(createMatches(winners, target.sql, matches, order, metadata?.extractedAt));
  const losers = `SELECT seq FROM ${matches} WHERE NOT newer`;
  const outdated = await countRows(session, `(SELECT DISTINCT seq FROM ${matches} WHERE NOT newer)`);
  await session.run(
    `DELETE FROM ${target.sql} WHERE rowid IN (SELECT old FROM ${matches} WHERE seq NOT IN (${losers}))`,
  );
  const isEach = chosen === staged.rows && outdated === 0;
  const isChosen = `${stagedColumns.seq} IN (SELECT seq FROM ${winners}) AND ${stagedColumns.seq} NOT IN (${losers})`;
  const mark = deletionColumn(staged, target);
  const lives = mark === undefined ? '' : ` AND ${quoteIdent(mark)} IS NULL`;
  const condition = `${isEach ? 'true' : isChosen}${lives}`;
  const written = await insert(session, staged, stagedTable, target, metadata, condition);
  await session.run(`DROP TABLE ${winners}`);
  await session.run(`DROP TABLE ${matches}`);
  // The newest version of these keys says that the row is deleted: the stored one is gone, and it is not stored itself.
  const deleted = mark === undefined ? undefined : chosen - outdated - written;
  return { written, superseded: staged.rows - rejected - chosen + outdated, rejected, deleted: deleted || undefined };
}

function deletionColumn({ configured: { deletionField } }: StagedStream, { columns }: TargetTable): string | undefined {
  return columns.find(({ property }) => property === deletionField)?.name;
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
