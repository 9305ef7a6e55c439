// SQL that reads staging files into typed columns. DuckDB's own JSON reader rounds 1.5 to 2 in an integer column and refuses a
// whole file for one odd value, so scalars are read as text and cast one by one; what does not fit becomes NULL and is noted,
// and so is what was rounded.
import { stagedMembers } from '../core/destination.ts';
import { quoteIdent, quoteList, quoteLiteral } from '../duckdb/sql.ts';
import type { Column } from './columns.ts';
import { digitsNeeded, digitsOf, withoutZeros } from './decimal.ts';
import { isNested } from './evolve.ts';
import { numberText } from './number-text.ts';
import { type TypedValue, typedScalar } from './typed-value.ts';

/** Columns of a staged table beside the stream's own. */
export const stagedColumns = {
  seq: stagedMembers.seq,
  /** Milliseconds since the epoch. */
  emittedAt: stagedMembers.emittedAt,
  meta: stagedMembers.meta,
  /** VARCHAR[]: names of the columns whose value did not fit; NULL when all did. */
  nulled: '__gong_elt_nulled',
  /** VARCHAR[]: names of the columns whose value was stored without its last digits; NULL when there is none. */
  rounded: '__gong_elt_rounded',
} as const;

export interface StagedFiles {
  readonly files: readonly string[];
  /** Bytes. */
  readonly longestLine: number;
}

/**
 * `columns`: DuckDB's fast path, which takes nested columns by their type. `objects`: each line as one JSON value, for streams
 * whose fields differ by case only, and for files that the fast path refuses.
 */
export type ReadMode = 'columns' | 'objects';

/** SELECT of the typed columns and `stagedColumns`. */
export function selectStaged(staged: StagedFiles, columns: readonly Column[], mode: ReadMode): string {
  const typed = columns.map((column, index) => {
    const { sql, isRounded } = typedValue(`r${index}`, column, mode);
    return { column, raw: `r${index}`, value: `v${index}`, sql, isRounded };
  });
  const misfits = typed
    .filter(({ column }) => canFail(column.type, mode))
    .map(({ column, raw, value }) => ({ column, flag: `(${raw} IS NOT NULL AND ${value} IS NULL)` }));
  const rounded = typed.flatMap(({ column, isRounded, value }) =>
    isRounded === undefined ? [] : [{ column, flag: `(${value} IS NOT NULL AND ${isRounded})` }],
  );
  return [
    `SELECT ${[
      ...typed.map(({ column, value }) => `${value} AS ${quoteIdent(column.name)}`),
      `s AS ${stagedColumns.seq}`,
      `e AS ${stagedColumns.emittedAt}`,
      `m AS ${stagedColumns.meta}`,
      `${namesOf(misfits)} AS ${stagedColumns.nulled}`,
      `${namesOf(rounded)} AS ${stagedColumns.rounded}`,
    ].join(', ')}`,
    `FROM (SELECT ${['*', ...typed.map(({ sql, value }) => `${sql} AS ${value}`)].join(', ')}`,
    `FROM (${selectRaw(staged, columns, mode)}))`,
  ].join('\n');
}

/** The names of the columns whose flag is up, as SQL; NULL when none is. */
function namesOf(flagged: readonly { readonly column: Column; readonly flag: string }[]): string {
  if (flagged.length === 0) return 'NULL::VARCHAR[]';
  const names = flagged.map(({ column, flag }) => `CASE WHEN ${flag} THEN ${quoteLiteral(column.name)} END`);
  return `CASE WHEN ${flagged.map(({ flag }) => flag).join(' OR ')} THEN list_filter([${names.join(', ')}], lambda x: x IS NOT NULL) END`;
}

/**
 * SELECT of one row, for each of `columns`: does the batch hold a number that the column would have to grow for (`n0, n1, …`),
 * and the digits that its numbers need (`w0, s0, …`)?
 */
export function selectDigits(staged: StagedFiles, columns: readonly Column[], mode: ReadMode): string {
  const texts = columns.map((column) => ({ ...column, type: 'VARCHAR' }));
  const digits = columns.flatMap((column, index) => {
    const raw = `r${index}`;
    const scale = digitsOf(column.type)?.scale ?? 0;
    const { whole, scale: fraction } = digitsNeeded(
      column.grows === 'whole' ? numberText(raw, scale) : numberText(raw),
    );
    // A fraction does not fit an integer, and a DOUBLE rounds it.
    const grown = column.grows === 'whole' || column.type === 'DOUBLE' ? numberText(raw, scale) : numberText(raw);
    const isNeeded = `bool_or(${grown} IS NOT NULL AND (${typedValue(raw, column, mode).sql}) IS NULL)`;
    return [`coalesce(${isNeeded}, false) AS n${index}`, `${whole} AS w${index}`, `${fraction} AS s${index}`];
  });
  return `SELECT ${digits.join(', ')} FROM (${selectRaw(staged, texts, mode)})`;
}

/** r0, r1, … = the raw values, s, e, m = the loader's members. */
function selectRaw(staged: StagedFiles, columns: readonly Column[], mode: ReadMode): string {
  const options = `maximum_object_size = ${Math.max(staged.longestLine + 1024, smallestObjectSize)}`;
  const files = quoteList(staged.files);
  if (mode === 'objects') {
    const members = columns.map(({ property, type }, index) => {
      const pointer = quoteLiteral(`/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      return isText(type) ? `json->>${pointer} AS r${index}` : `nullif(json->${pointer}, 'null'::JSON) AS r${index}`;
    });
    const own = [
      `CAST(json->>'/${stagedMembers.seq}' AS BIGINT) AS s`,
      `CAST(json->>'/${stagedMembers.emittedAt}' AS BIGINT) AS e`,
      `nullif(json->'/${stagedMembers.meta}', 'null'::JSON) AS m`,
    ];
    return `SELECT ${[...members, ...own].join(', ')} FROM read_ndjson_objects(${files}, ${options})`;
  }
  const types = [
    ...columns.map(
      ({ property, type }) => `${quoteLiteral(property)}: ${quoteLiteral(isText(type) ? 'VARCHAR' : type)}`,
    ),
    `${quoteLiteral(stagedMembers.seq)}: 'BIGINT'`,
    `${quoteLiteral(stagedMembers.emittedAt)}: 'BIGINT'`,
    `${quoteLiteral(stagedMembers.meta)}: 'JSON'`,
  ];
  const names = [
    ...columns.map(({ property }, index) => `${quoteIdent(property)} AS r${index}`),
    `${stagedMembers.seq} AS s`,
    `${stagedMembers.emittedAt} AS e`,
    `${stagedMembers.meta} AS m`,
  ];
  return `SELECT ${names.join(', ')} FROM read_ndjson(${files}, ${options}, columns = {${types.join(', ')}})`;
}

// The reader works in parallel on buffers of twice this size.
const smallestObjectSize = 1024 * 1024;

function isText(type: string): boolean {
  return type !== 'JSON' && !isNested(type);
}

/** The value of `raw` (text, JSON or nested) as the column's type. */
function typedValue(raw: string, { type, grows }: Column, mode: ReadMode): TypedValue {
  if (isNested(type)) return { sql: mode === 'objects' ? `TRY_CAST(${raw} AS ${type})` : raw };
  // A number is one key, however it is written.
  if (type === 'VARCHAR') return { sql: grows === undefined ? raw : withoutZeros(raw) };
  return type === 'JSON' ? { sql: raw } : typedScalar(raw, type);
}

function canFail(type: string, mode: ReadMode): boolean {
  if (isNested(type)) return mode === 'objects';
  return type !== 'VARCHAR' && type !== 'JSON';
}
