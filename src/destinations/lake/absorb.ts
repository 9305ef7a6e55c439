// Rows of a refresh that will never be finished: the host was told that they are stored, and goes on behind them. So they join
// the table, as its mode says, as if they had been sent to it.
import type { ConfiguredStream } from '../../core/catalog.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { nameColumns } from '../../tables/columns.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import { metadataOf } from '../../tables/version-metadata.ts';
import { appendEntry } from './append-entry.ts';
import { openBatchFiles } from './batch-files.ts';
import { livePlace } from './lake-folder.ts';
import { bringFiles, configured as configuredAs, type LakeTable } from './lake-table.ts';
import { selectRows } from './rows.ts';
import { openTable, type TableContext } from './table-context.ts';
import { checkOwner, type LakeTarget, namesIn, planTarget, rulesOf } from './target.ts';
import { compression } from './write-file.ts';

const joining = '__gong_elt_joining';

/** The entry that brings the rows says whose they are: they are not brought twice. */
export async function absorbBeside(
  session: Session,
  configured: ConfiguredStream,
  beside: LakeTable,
  context: TableContext,
): Promise<void> {
  const { name } = configured.stream;
  for (;;) {
    const live = await openTable(session, livePlace(context, configured.stream), context);
    if (live !== undefined) checkOwner(live, configured);
    const target = await targetFor(session, configured, beside, live, context);
    const rows = await createJoining(session, beside, target, hostsTime(configured, beside, context));
    const isStored = await storeJoining(session, { configured, beside, live, target, rows }, context);
    await session.run(`DROP TABLE ${joining}`);
    if (!isStored) continue;
    const fields = { stream: name, rows };
    return context.log('warn', `stream ${name}: rows of a refresh that was given up joined its table`, fields);
  }
}

/** The columns of the rows in the words of the table. */
async function targetFor(
  session: Session,
  configured: ConfiguredStream,
  beside: LakeTable,
  live: LakeTable | undefined,
  context: TableContext,
): Promise<LakeTarget> {
  const marks = { [configuredAs.taken]: beside.snapshot.metaData.id };
  const options = { place: livePlace(context, configured.stream), table: live, metadata: undefined, marks };
  const wanted = nameColumns(beside.columns, namesIn(live), []);
  const planned = await planTarget(session, configured, wanted, { ...options, now: context.now() });
  const extractedAt = hostsTime(configured, beside, context);
  return { ...planned, ...rulesOf(configured, planned.columns, { extractedAt }), mode: 'columns' };
}

/** When a row was extracted, as SQL over the host's columns; undefined when the rows do not have them. */
function hostsTime(configured: ConfiguredStream, beside: LakeTable, context: TableContext): string | undefined {
  const hosts = metadataOf(configured, context.metadata);
  const names = new Set(beside.columns.map(({ name }) => name));
  return hosts?.columns.every(({ name }) => names.has(name)) ? hosts.extractedAt : undefined;
}

/** @returns its rows */
async function createJoining(
  session: Session,
  { place, columns, snapshot }: LakeTable,
  target: LakeTarget,
  extractedAt: string | undefined,
): Promise<number> {
  const typed = columns.map((column, index) => ({ ...column, ...target.columns[index], field: column.field }));
  const paths = [...snapshot.files.keys()];
  await bringFiles(place, paths);
  const rows = selectRows(place, typed, paths, columns);
  const names = typed.map(({ name }) => quoteIdent(name)).join(', ');
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${joining} AS SELECT ${names}, row_number() OVER () AS ${stagedColumns.seq},` +
      ` ${extractedAt === undefined ? '0' : `coalesce(epoch_ms(${extractedAt}), 0)`} AS ${stagedColumns.emittedAt} FROM (${rows})`,
  );
  return await countRows(session, joining);
}

interface Joining {
  readonly configured: ConfiguredStream;
  readonly beside: LakeTable;
  readonly live: LakeTable | undefined;
  readonly target: LakeTarget;
  readonly rows: number;
}

/** @returns false when the table's columns changed on the way */
async function storeJoining(
  session: Session,
  { configured, beside, live, target, rows }: Joining,
  context: TableContext,
): Promise<boolean> {
  const place = livePlace(context, configured.stream);
  const bytes = [...beside.snapshot.files.values()].reduce((sum, { size }) => sum + size * compression, 0);
  const staged = { configured, files: [], rows, bytes, longestLine: 0 };
  // Their own values of the host's columns are among the columns.
  const files = await openBatchFiles(session, joining, staged, place, live, target, {
    ...context,
    metadata: undefined,
  });
  const operation = target.order === undefined ? 'WRITE' : 'MERGE';
  const contentFor = async (table: LakeTable | undefined) => ({
    operation,
    actions: (await files.plan(table)).actions,
  });
  const { outcome, content } = await appendEntry(session, place, live, contentFor, context);
  await files.removeAllBut(outcome === 'changed' ? [] : content.actions);
  return outcome !== 'changed';
}
