// Where the rows of a stream go while they are to replace those in its table: into a table of their own beside it, made and found
// again by name, which takes the place of the other when its refresh is whole.
import { type ConfiguredStream, streamKey } from '../../core/catalog.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import type { Refresh, StagedStream } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import { overtaken } from '../../core/fence.ts';
import type { Log } from '../../core/log.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteName } from '../../duckdb/sql.ts';
import { generationColumn, hasNothingToReplace, type RefreshedTable } from '../../tables/generations.ts';
import { ownerOf } from '../../tables/owner.ts';
import { absorbBeside } from './absorb.ts';
import { findOwnedTable, forgetTable, type OwnedTable, recordTable } from './bookkeeping.ts';
import { refuseForeignParts } from './foreign-parts.ts';
import { type RefreshBook, readRefreshBook, writeRefreshBook } from './refresh-books.ts';
import { describeTable, findTable, prepareTable, schemaOf, type TableSettings } from './tables.ts';
import { inTransaction } from './transaction.ts';

export interface RefreshContext {
  readonly settings: TableSettings;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
  /** Refreshes of which this process keeps rows beside a table, as `refreshName` calls them: nobody else may end one. */
  readonly begun: Set<string>;
}

function refreshName({ stream }: ConfiguredStream, { key }: Refresh): string {
  return `${streamKey(stream)} ${key}`;
}

const besideSuffix = '__gong_elt_refresh';

/**
 * The stream whose table holds the rows that are kept beside the table of `configured`. Its origin is one that no source has, so a
 * stream that is really called so is refused as another owner.
 */
export function besideOf(configured: ConfiguredStream): ConfiguredStream {
  const { stream } = configured;
  const origin = `the refresh of ${stream.origin ?? stream.name}`;
  return { ...configured, stream: { ...stream, name: `${stream.name}${besideSuffix}`, origin } };
}

/** Never the table of a stream that is really called so. */
async function findBeside(
  session: Session,
  configured: ConfiguredStream,
  schema: string,
): Promise<OwnedTable | undefined> {
  const beside = besideOf(configured);
  const owned = await findOwnedTable(session, beside.stream, schema);
  if (owned?.owner?.origin !== beside.stream.origin) return undefined;
  return owned;
}

/**
 * Makes ready what the rows of `staged` need, in transactions of its own: what was kept beside the table for another refresh goes,
 * and what an unfinished one of the host left, which the host believes to be stored, joins the table when nothing replaces it.
 * @returns whether the rows go beside the table
 * @throws ConnectorError: `config` for a generation older than the table's, `destination` for a table with parts of somebody else,
 * `busy` when another process ended the refresh that this one has begun
 */
export async function openRefresh(
  session: Session,
  { configured, refresh }: Pick<StagedStream, 'configured' | 'refresh'>,
  context: RefreshContext,
): Promise<boolean> {
  const { settings, crashPoint, begun } = context;
  const { stream } = configured;
  const schema = schemaOf(stream, settings);
  const book = await readRefreshBook(session, stream, schema);
  if (refresh !== undefined && book.beside?.key === refresh.key) {
    begun.add(refreshName(configured, refresh));
    return true;
  }
  if (refresh !== undefined && begun.has(refreshName(configured, refresh))) throw overtaken(settings.shown);
  if (book.beside !== undefined) await closeBeside(session, configured, schema, book, refresh, context);
  if (refresh === undefined) return false;
  // A name that is taken, and a table with parts of somebody else, are told before anything is loaded.
  if ((await findTable(session, configured, settings)).owned === undefined)
    await prepareTable(session, configured, settings, new Map(), crashPoint);
  const live = await ownedTable(session, configured, schema);
  if (await hasNothingToReplace(configured, refresh, asRefreshed(session, live, book))) return false;
  await refuseForeignParts(session, live, settings.shown);
  const { key, generation } = refresh;
  crashPoint('duckdb:before-ddl');
  const next = { ...book, beside: { key, generation } };
  await inTransaction(session, () => writeRefreshBook(session, stream, schema, next));
  begun.add(refreshName(configured, refresh));
  return true;
}

async function closeBeside(
  session: Session,
  configured: ConfiguredStream,
  schema: string,
  book: RefreshBook,
  refresh: Refresh | undefined,
  context: RefreshContext,
): Promise<void> {
  const { settings, crashPoint, log } = context;
  const beside = await findBeside(session, configured, schema);
  const mustStay = refresh === undefined && book.beside?.generation !== undefined;
  crashPoint('duckdb:before-ddl');
  if (mustStay && beside !== undefined) {
    const live = await prepareTable(session, configured, settings, new Map(), crashPoint);
    await absorbBeside(session, configured, { live, beside, settings, log }, () =>
      forgetBeside(session, configured, schema, book),
    );
  } else await inTransaction(session, () => forgetBeside(session, configured, schema, book));
  await session.run('CHECKPOINT');
  crashPoint('duckdb:after-ddl');
}

/** Call it inside a transaction. */
async function forgetBeside(
  session: Session,
  configured: ConfiguredStream,
  schema: string,
  { generation }: RefreshBook,
): Promise<void> {
  const beside = await findBeside(session, configured, schema);
  if (beside !== undefined) {
    await session.run(`DROP TABLE ${sqlOf(session, beside)}`);
    await forgetTable(session, besideOf(configured).stream, schema);
  }
  await writeRefreshBook(session, configured.stream, schema, { beside: undefined, generation });
}

/** Has the table itself any rows? */
export async function hasRows(
  session: Session,
  configured: ConfiguredStream,
  settings: TableSettings,
): Promise<boolean> {
  return await hasAny(session, await ownedTable(session, configured, schemaOf(configured.stream, settings)));
}

async function hasAny(session: Session, live: OwnedTable): Promise<boolean> {
  return (await countRows(session, `(SELECT 1 FROM ${sqlOf(session, live)} LIMIT 1)`)) > 0;
}

function asRefreshed(session: Session, live: OwnedTable, book: RefreshBook): RefreshedTable {
  return {
    generation: async () => book.generation ?? (await newestGeneration(session, live)),
    hasRows: () => hasAny(session, live),
  };
}

/** Of the rows themselves: for a file of a version that did not write generations down. */
async function newestGeneration(session: Session, live: OwnedTable): Promise<number | undefined> {
  const columns = await describeTable(session, live.schema, live.table);
  if (!Array.isArray(columns) || !columns.some(({ name }) => name === generationColumn)) return undefined;
  const [row] = await session.rows(`SELECT max(${generationColumn}) AS newest FROM ${sqlOf(session, live)}`);
  return row?.['newest'] === null ? undefined : Number(row?.['newest']);
}

/** The rows of `generation` are in the table itself from here on. Call it inside the transaction that stores them. */
export async function noteGeneration(
  session: Session,
  configured: ConfiguredStream,
  settings: TableSettings,
): Promise<void> {
  const { stream, generationId } = configured;
  if (generationId === undefined) return;
  const schema = schemaOf(stream, settings);
  const book = await readRefreshBook(session, stream, schema);
  if (book.generation !== undefined && book.generation >= generationId) return;
  await writeRefreshBook(session, stream, schema, { ...book, generation: generationId });
}

/**
 * Puts what is kept beside the table in its place. Call it inside the transaction that also writes the state.
 * @returns the rows that went; 0 when nothing is kept beside under this key
 * @throws ConnectorError as `openRefresh`
 */
export async function swapIn(
  session: Session,
  configured: ConfiguredStream,
  refresh: Refresh,
  { settings, begun }: Pick<RefreshContext, 'settings' | 'begun'>,
): Promise<number> {
  const { stream } = configured;
  const schema = schemaOf(stream, settings);
  const book = await readRefreshBook(session, stream, schema);
  if (book.beside?.key !== refresh.key) {
    if (begun.has(refreshName(configured, refresh))) throw overtaken(settings.shown);
    return 0;
  }
  begun.delete(refreshName(configured, refresh));
  const live = await ownedTable(session, configured, schema);
  const beside = await findBeside(session, configured, schema);
  if (beside === undefined)
    throw new ConnectorError(`what is kept beside the table of stream ${stream.name} is not in the books`, {
      area: 'bug',
    });
  await refuseForeignParts(session, live, settings.shown);
  const removed = await countRows(session, sqlOf(session, live));
  await session.run(`DROP TABLE ${sqlOf(session, live)}`);
  await session.run(`ALTER TABLE ${sqlOf(session, beside)} RENAME TO ${quoteIdent(live.table)}`);
  await forgetTable(session, besideOf(configured).stream, schema);
  await recordTable(session, stream, { ...live, columns: beside.columns, owner: ownerOf(configured) });
  // Rows without a generation are older than any.
  await writeRefreshBook(session, stream, schema, { beside: undefined, generation: configured.generationId });
  return removed;
}

/** Drops what is kept beside the table under this key. Call it inside a transaction. */
export async function discardBeside(
  session: Session,
  configured: ConfiguredStream,
  refresh: Refresh,
  { settings, begun }: Pick<RefreshContext, 'settings' | 'begun'>,
): Promise<void> {
  begun.delete(refreshName(configured, refresh));
  const schema = schemaOf(configured.stream, settings);
  const book = await readRefreshBook(session, configured.stream, schema);
  if (book.beside?.key === refresh.key) await forgetBeside(session, configured, schema, book);
}

async function ownedTable(session: Session, { stream }: ConfiguredStream, schema: string): Promise<OwnedTable> {
  const owned = await findOwnedTable(session, stream, schema);
  if (owned === undefined)
    throw new ConnectorError(`the table of stream ${stream.name} is not in the books`, { area: 'bug' });
  return owned;
}

function sqlOf({ catalog }: Session, { schema, table }: OwnedTable): string {
  return quoteName(catalog, schema, table);
}
