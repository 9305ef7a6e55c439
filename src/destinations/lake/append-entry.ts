// An entry behind the newest one of a table's log. Whoever loses the number reads what came in between, says anew what the entry
// holds, and takes the next one.
import { overtaken } from '../../core/fence.ts';
import type { Session } from '../../duckdb/session.ts';
import { type LakeTable, readTable } from './lake-table.ts';
import { type Action, encodeEntry } from './log/actions.ts';
import { entryName } from './log/names.ts';
import { inTable, type TablePlace } from './log/read-log.ts';
import { completed, emptyDraft, replay, type Snapshot } from './log/snapshot.ts';
import { createOnce } from './once.ts';
import type { TableContext } from './table-context.ts';

export interface EntryContent {
  /** In the words of other writers: `MERGE`, `WRITE`. */
  readonly operation: string;
  /** The batch whose rows it brings, by which a later process finds it. */
  readonly batchId?: string | undefined;
  /** Without any, there is no entry. */
  readonly actions: readonly Action[];
}

/**
 * @param first the table as the caller read it
 * @param contentFor what the entry says when the table is like that
 * @returns the last content, and what became of it: `changed` when the table's columns or other rules are no longer those of `first`,
 * and nothing is stored
 * @throws ConnectorError (busy) when another process of this connection went on from here
 */
export async function appendEntry<Content extends EntryContent>(
  session: Session,
  place: TablePlace,
  first: LakeTable | undefined,
  contentFor: (table: LakeTable | undefined) => Promise<Content>,
  context: TableContext,
): Promise<{ readonly outcome: 'stored' | 'empty' | 'changed'; readonly content: Content }> {
  const { connection, seq, shown, known, now, crashPoint } = context;
  const txnOf = (table: LakeTable | undefined) => table?.snapshot.txns.get(connection)?.version;
  for (let table = first; ; ) {
    const content = await contentFor(table);
    const { operation, batchId, actions } = content;
    if (actions.length === 0) return { outcome: 'empty', content };
    const version = (table?.snapshot.version ?? -1) + 1;
    const txn = { appId: connection, version: seq, lastUpdated: now() };
    const all: Action[] = [{ txn }, ...actions];
    crashPoint('lake:before-entry');
    const entry = encodeEntry({ timestamp: now(), operation, batchId }, all);
    if (await createOnce(place.store, inTable(place, entryName(version)), entry)) {
      const snapshot = completed(replay(table?.snapshot ?? emptyDraft, [{ version, actions: all }]));
      if (snapshot !== undefined) known.set(place.folder, snapshot);
      crashPoint('lake:after-entry');
      return { outcome: 'stored', content };
    }
    const next = await readTable(session, place, table?.snapshot);
    if (next === undefined || txnOf(next) !== txnOf(first)) throw overtaken(shown);
    if (!hasSameRules(next.snapshot, table?.snapshot)) return { outcome: 'changed', content };
    table = next;
  }
}

function hasSameRules(a: Snapshot, b: Snapshot | undefined): boolean {
  const rulesOf = (snapshot: Snapshot | undefined) => JSON.stringify([snapshot?.protocol, snapshot?.metaData]);
  return rulesOf(a) === rulesOf(b);
}
