// The rows of one stream from the staged table into its own, inside the transaction that also writes the state.
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { createMatches, createWinners, dedupOrder, isKeyMissing } from '../../tables/newest.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import type { StagedTable } from '../../tables/type-batch.ts';
import type { TargetTable } from './tables.ts';

const winners = '__gong_elt_winners';
const matches = '__gong_elt_matches';

/** @throws ConnectorError (bug) when rows would be neither stored, superseded nor rejected */
export async function writeStream(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  content: StagedTable,
  target: TargetTable,
  metadata: RecordMetadata | undefined,
): Promise<CommittedStream> {
  const { stream } = staged.configured;
  const counts =
    staged.configured.destinationSyncMode === 'append_dedup'
      ? await upsert(session, staged, stagedTable, target, metadata)
      : {
          written: await insert(session, staged, stagedTable, target, metadata, 'true'),
          superseded: 0,
          rejected: 0,
        };
  const accounted = counts.written + counts.superseded + counts.rejected;
  if (accounted !== staged.rows)
    throw new ConnectorError(
      `stream ${stream.name}: of ${staged.rows} records only ${accounted} are accounted for; nothing was stored`,
      { area: 'bug', fields: { stream: stream.name, ...counts } },
    );
  return {
    stream: stream.name,
    namespace: stream.namespace,
    staged: staged.rows,
    ...counts,
    nulled: [...content.nulled.values()].reduce((sum, count) => sum + count, 0),
  };
}

async function upsert(
  session: Session,
  staged: StagedStream,
  stagedTable: string,
  target: TargetTable,
  metadata: RecordMetadata | undefined,
): Promise<{ written: number; superseded: number; rejected: number }> {
  const order = dedupOrder(staged.configured, target.columns);
  const rejected = await count(session, `FROM ${quoteIdent(stagedTable)} WHERE ${isKeyMissing(order)}`);
  await session.run(createWinners(stagedTable, winners, order));
  const chosen = await count(session, `FROM ${winners}`);
  await session.run(createMatches(winners, target.sql, matches, order, metadata?.extractedAt));
  const losers = `SELECT seq FROM ${matches} WHERE NOT newer`;
  const outdated = await count(session, `FROM (SELECT DISTINCT seq FROM ${matches} WHERE NOT newer)`);
  await session.run(
    `DELETE FROM ${target.sql} WHERE rowid IN (SELECT old FROM ${matches} WHERE seq NOT IN (${losers}))`,
  );
  const isEach = chosen === staged.rows && outdated === 0;
  const isChosen = `${stagedColumns.seq} IN (SELECT seq FROM ${winners}) AND ${stagedColumns.seq} NOT IN (${losers})`;
  const written = await insert(session, staged, stagedTable, target, metadata, isEach ? 'true' : isChosen);
  await session.run(`DROP TABLE ${winners}`);
  await session.run(`DROP TABLE ${matches}`);
  return { written, superseded: staged.rows - rejected - chosen + outdated, rejected };
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

async function count(session: Session, from: string): Promise<number> {
  const [row] = await session.rows(`SELECT count(*) AS number ${from}`);
  return Number(row?.['number']);
}
