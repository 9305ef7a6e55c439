// The files of a batch in one table. What was written once is used again when the commit has to begin anew, as long as it still holds
// the right rows.
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import type { Session } from '../../duckdb/session.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import { chooseWinners } from '../../tables/winners.ts';
import { bringFiles, type LakeTable, monthOf } from './lake-table.ts';
import type { Action, AddFile } from './log/actions.ts';
import { inTable, type TablePlace } from './log/read-log.ts';
import { chosenTable, openMatches } from './stored-matches.ts';
import type { LakeTarget } from './target.ts';
import { planUnits, type Unit } from './units.ts';
import { type FileContext, rowBytesOf, writeFile } from './write-file.ts';
import { selectKept, selectMonths, selectNew, stagedValues } from './written-rows.ts';

type Became = Pick<CommittedStream, 'written' | 'superseded' | 'rejected' | 'deleted'>;

export interface BatchFiles {
  /** Writes the files. @returns what the batch changes in `table`; no actions when it changes nothing */
  plan(table: LakeTable | undefined): Promise<{ actions: Action[]; became: Became }>;
  /** Removes what was written and is not among `actions`. Not after an error: an entry may stand that names it. */
  removeAllBut(actions: readonly Action[]): Promise<void>;
}

const winners = '__gong_elt_winners';

/**
 * @param staged table with the typed rows; none for a batch without
 * @param first the table as the batch was typed for it
 */
export async function openBatchFiles(
  session: Session,
  staged: string,
  stream: StagedStream,
  place: TablePlace,
  first: LakeTable | undefined,
  target: LakeTarget,
  context: FileContext & { readonly metadata: RecordMetadata | undefined },
): Promise<BatchFiles> {
  const before = first?.columns ?? [];
  const { all, partition } = target;
  const order = stream.rows === 0 ? undefined : target.order;
  const valueIn = stagedValues(stream, target, context.metadata);
  const keys = new Set(
    target.columns
      .filter(
        ({ property }) =>
          target.order !== undefined && stream.configured.primaryKey.some(([part]) => part === property),
      )
      .map(({ name }) => name),
  );
  const winning = order && (await chooseWinners(session, staged, winners, order));
  const matches = order && (await openMatches(session, place, winners, order, all, before));
  const written = new Map<string, AddFile | undefined>();

  /** Leaves `chosenTable`. */
  async function choose(files: readonly AddFile[]) {
    if (stream.rows === 0) return { chosen: 0, superseded: 0, rejected: 0 };
    if (matches === undefined || winning === undefined) {
      await session.run(
        `CREATE OR REPLACE TEMP TABLE ${chosenTable} AS SELECT ${stagedColumns.seq} AS seq FROM ${staged}`,
      );
      return { chosen: stream.rows, superseded: 0, rejected: 0 };
    }
    await matches.update(files);
    const lost = await matches.choose();
    const { rejected, chosen } = winning;
    return { chosen: chosen - lost, superseded: stream.rows - rejected - chosen + lost, rejected };
  }

  async function newRows() {
    if (stream.rows === 0) return [];
    const rows = await session.rows(selectMonths(staged, target, valueIn));
    return rows.map((row) => ({
      month: partition === undefined ? undefined : String(row['month']),
      rows: Number(row['rows']),
      sum: String(row['sum']),
      bytes: (stream.bytes / stream.rows) * Number(row['rows']),
    }));
  }

  async function write({ input, added, month }: Unit): Promise<AddFile | undefined> {
    if (input !== undefined) await bringFiles(place, [input.path]);
    const parts = [
      ...(input === undefined ? [] : [selectKept(place, input.path, target, before, matches && winners)]),
      ...(added === undefined ? [] : [selectNew(staged, target, valueIn, month)]),
    ];
    const task = {
      place,
      month: partition === undefined || month === undefined ? undefined : { column: partition, value: month },
      select: parts.join(' UNION ALL '),
      columns: all,
      keys,
      rowBytes: Math.max(stream.bytes / Math.max(stream.rows, 1), input === undefined ? 0 : rowBytesOf(input)),
      dataChange: true,
    };
    return await writeFile(session, task, context);
  }

  return {
    async plan(table) {
      const files = [...(table?.snapshot.files.values() ?? [])];
      const { chosen, ...others } = await choose(files);
      const added = await newRows();
      const stored = added.reduce((sum, { rows }) => sum + rows, 0);
      // The newest version of these keys says that the row is deleted: the stored one goes, and it is not stored itself.
      const deleted = target.deletion === undefined || chosen === stored ? undefined : chosen - stored;
      const units = planUnits({
        files,
        monthOf: (file) => monthOf(target, file),
        added,
        touched: (await matches?.touched()) ?? new Map(),
        isWidened: target.isWidened,
        mayJoin: order !== undefined,
      });
      for (const unit of units) if (!written.has(unit.key)) written.set(unit.key, await write(unit));
      const adds = units.map(({ key }) => written.get(key)).filter((file) => file !== undefined);
      const removes = units.map(({ input }) => input).filter((file) => file !== undefined);
      const { protocol, metaData } = target;
      const actions: Action[] = [
        ...(protocol ? [{ protocol }] : []),
        ...(metaData ? [{ metaData }] : []),
        ...removes.map((file) => ({ remove: removing(file, true, context.now()) })),
        ...adds.map((add) => ({ add })),
      ];
      return { actions, became: { ...others, written: stored, deleted } };
    },
    async removeAllBut(actions) {
      await removeUnused(place, written.values(), actions);
    },
  };
}

/** Removes those of `files` that are not among `actions`. */
export async function removeUnused(
  place: TablePlace,
  files: Iterable<AddFile | undefined>,
  actions: readonly Action[],
): Promise<void> {
  const used = new Set(actions.map(({ add }) => add?.path));
  for (const file of files)
    if (file !== undefined && !used.has(file.path)) await place.store.remove(inTable(place, file.path)).catch(() => {});
}

/** @param now milliseconds since the epoch */
export function removing({ path, partitionValues, size }: AddFile, dataChange: boolean, now: number) {
  return { path, deletionTimestamp: now, dataChange, partitionValues, size };
}
