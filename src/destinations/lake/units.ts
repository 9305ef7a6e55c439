// Which files a batch writes: new rows by month, each into a small file of its month where there is one, and every file that holds an
// older version of a row anew, without it. Pure.
import type { AddFile } from './log/actions.ts';

/** New rows of one month. */
export interface NewRows {
  /** Undefined in a table without partition. */
  readonly month: string | undefined;
  readonly rows: number;
  /** Tells two sets of rows apart. */
  readonly sum: string;
  /** Estimated, at the most. */
  readonly bytes: number;
}

/** One file to be written: what stays of an old one, and new rows of its month. */
export interface Unit {
  readonly input: AddFile | undefined;
  readonly added: NewRows | undefined;
  readonly month: string | undefined;
  /** The same for two units that make the same rows. */
  readonly key: string;
}

export interface UnitPlan {
  /** The live files. */
  readonly files: readonly AddFile[];
  readonly monthOf: (file: AddFile) => string | undefined;
  readonly added: readonly NewRows[];
  /** By path: how many rows of it are replaced. */
  readonly touched: ReadonlyMap<string, number>;
  /** Are all files written anew? */
  readonly isWidened: boolean;
  /** Do new rows join a small file of their month? Not where nothing is ever replaced: readers of a log of rows only see additions. */
  readonly mayJoin: boolean;
}

/** Bytes up to which a file grows. */
export const largestFile = 128 * 1024 * 1024;
/** Bytes below which a file is worth rewriting only to add rows to it. */
const joinable = 4 * 1024 * 1024;

export function planUnits(plan: UnitPlan): Unit[] {
  const { files, monthOf, added, touched, isWidened } = plan;
  const isRewritten = (file: AddFile) => isWidened || touched.has(file.path);
  const units: Unit[] = [];
  const joined = new Set<string>();
  for (const rows of added) {
    const input = plan.mayJoin ? chooseInput(plan, rows, isRewritten) : undefined;
    if (input !== undefined) joined.add(input.path);
    units.push(unit(input, rows, rows.month, touched));
  }
  for (const file of files)
    if (isRewritten(file) && !joined.has(file.path)) units.push(unit(file, undefined, monthOf(file), touched));
  return units;
}

/** The smallest file that is written anyway, else the last small one. */
function chooseInput(
  { files, monthOf }: UnitPlan,
  { month, bytes }: NewRows,
  isRewritten: (file: AddFile) => boolean,
): AddFile | undefined {
  const fitting = files.filter((file) => monthOf(file) === month && file.size + bytes <= largestFile);
  const [smallest] = fitting.filter(isRewritten).sort((a, b) => a.size - b.size);
  return smallest ?? fitting.filter(({ size }) => size < joinable).at(-1);
}

function unit(
  input: AddFile | undefined,
  added: NewRows | undefined,
  month: string | undefined,
  touched: ReadonlyMap<string, number>,
): Unit {
  const replaced = touched.get(input?.path ?? '') ?? 0;
  const key = JSON.stringify([input?.path, replaced, month, added?.rows, added?.sum]);
  return { input, added, month, key };
}
