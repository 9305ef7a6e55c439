// SQL that reads staging files into typed columns. DuckDB's own JSON reader rounds 1.5 to 2 in an integer column and refuses a
// whole file for one odd value, so scalars are read as text and cast one by one; what does not fit becomes NULL and is noted.
import { stagedMembers } from '../core/destination.ts';
import { quoteIdent, quoteList, quoteLiteral } from '../duckdb/sql.ts';
import type { Column } from './columns.ts';
import { isNested, wideInteger } from './evolve.ts';

/** Columns of a staged table beside the stream's own. */
export const stagedColumns = {
  seq: stagedMembers.seq,
  /** Milliseconds since the epoch. */
  emittedAt: stagedMembers.emittedAt,
  meta: stagedMembers.meta,
  /** VARCHAR[]: names of the columns whose value did not fit; NULL when all did. */
  nulled: '__gong_elt_nulled',
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
  const typed = columns.map((column, index) => ({ column, raw: `r${index}`, value: `v${index}` }));
  const failing = typed.filter(({ column }) => canFail(column.type, mode));
  const flags = failing.map(({ raw, value }) => `(${raw} IS NOT NULL AND ${value} IS NULL)`);
  const nulled =
    flags.length === 0
      ? 'NULL::VARCHAR[]'
      : `CASE WHEN ${flags.join(' OR ')} THEN list_filter([${failing
          .map(({ column }, index) => `CASE WHEN ${flags[index]} THEN ${quoteLiteral(column.name)} END`)
          .join(', ')}], lambda x: x IS NOT NULL) END`;
  return [
    `SELECT ${[
      ...typed.map(({ column, value }) => `${value} AS ${quoteIdent(column.name)}`),
      `s AS ${stagedColumns.seq}`,
      `e AS ${stagedColumns.emittedAt}`,
      `m AS ${stagedColumns.meta}`,
      `${nulled} AS ${stagedColumns.nulled}`,
    ].join(', ')}`,
    `FROM (SELECT ${['*', ...typed.map(({ column, raw, value }) => `${typedValue(raw, column.type, mode)} AS ${value}`)].join(', ')}`,
    `FROM (${selectRaw(staged, columns, mode)}))`,
  ].join('\n');
}

/** SELECT of one row: for each of `names` (columns of type BIGINT), does the batch hold a whole number only DECIMAL(38,0) holds? */
export function selectWideIntegers(staged: StagedFiles, columns: readonly Column[], mode: ReadMode): string {
  const checks = columns.flatMap((column, index) =>
    column.type === 'BIGINT'
      ? [
          `coalesce(bool_or(${typedValue(`r${index}`, 'BIGINT', mode)} IS NULL AND ${typedValue(`r${index}`, wideInteger, mode)} IS NOT NULL), false) AS ${quoteIdent(column.name)}`,
        ]
      : [],
  );
  return `SELECT ${checks.join(', ')} FROM (${selectRaw(staged, columns, mode)})`;
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

function canFail(type: string, mode: ReadMode): boolean {
  if (isNested(type)) return mode === 'objects';
  return type !== 'VARCHAR' && type !== 'JSON';
}

/** The value of `raw` (text, JSON or nested) as `type`, or NULL where that would change its meaning. */
function typedValue(raw: string, type: string, mode: ReadMode): string {
  if (isNested(type)) return mode === 'objects' ? `TRY_CAST(${raw} AS ${type})` : raw;
  const cast = `TRY_CAST(${raw} AS ${type})`;
  switch (type) {
    case 'VARCHAR':
    case 'JSON':
      return raw;
    case 'BOOLEAN':
      return `CASE ${raw} WHEN 'true' THEN true WHEN 'false' THEN false END`;
    case 'BIGINT':
    case wideInteger:
      return `CASE WHEN regexp_full_match(${raw}, '-?[0-9]+(\\.0+)?') THEN ${cast} END`;
    case 'DOUBLE':
      return `CASE WHEN isfinite(${cast}) THEN ${cast} END`;
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH TIME ZONE':
      // Years outside four digits have no ISO form that other readers of the file understand.
      return `CASE WHEN ${cast} >= '0001-01-01'::${type} AND ${cast} < '10000-01-01'::${type} THEN ${cast} END`;
    default:
      return cast;
  }
}
