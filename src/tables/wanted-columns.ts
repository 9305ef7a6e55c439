// The columns that a stream asks of its table, under the names that the table gives them and in DuckDB's spelling of types.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { Session } from '../duckdb/session.ts';
import { type Column, hasCaseTwins, nameColumns } from './columns.ts';
import { ownFields } from './own-fields.ts';
import type { RecordMetadata } from './record-metadata.ts';
import { type ReadMode, stagedColumns } from './staged-sql.ts';
import type { BatchTarget, Needs } from './staged-table.ts';

export interface WantedColumns {
  /** The stream's own, then the host's. */
  readonly columns: readonly Column[];
  /** The properties behind the stream's own: these are what a batch brings. */
  readonly own: ReadonlySet<string>;
  /** How a batch is read. */
  readonly mode: ReadMode;
}

export interface Naming {
  /** Names that were given earlier, by property. */
  readonly known: ReadonlyMap<string, string>;
  /** Names that the destination keeps for itself. */
  readonly reserved?: Iterable<string>;
}

/**
 * @param metadata columns that the host wants beside the stream's own
 * @param needs types that hold the numbers of a batch, by property, where the schema's do not
 * @throws ConnectorError (config) for a stream that asks for no column at all
 */
export async function wantedColumns(
  session: Session,
  configured: ConfiguredStream,
  metadata: RecordMetadata | undefined,
  needs: Needs,
  { known, reserved = [] }: Naming,
): Promise<WantedColumns> {
  const fields = ownFields(configured, metadata, needs);
  const ours = Object.values(stagedColumns);
  const hosts = (metadata?.columns ?? []).map(({ name, type }) => ({ property: name, name, type }));
  const named = nameColumns(fields, known, [...ours, ...reserved, ...hosts.map(({ name }) => name)]);
  return {
    columns: await withPrintedTypes(session, [...named, ...hosts]),
    own: new Set(fields.map(({ property }) => property)),
    mode: hasCaseTwins(fields, ours) ? 'objects' : 'columns',
  };
}

/** What a batch is typed into: the stream's own among the `columns` of the table, with the types they have there. */
export function batchTarget(columns: readonly Column[], { own, mode }: WantedColumns): BatchTarget {
  return { columns: columns.filter(({ property }) => own.has(property)), mode };
}

/** Types as DuckDB prints them, so that they can be compared with those of a table. */
async function withPrintedTypes(session: Session, columns: readonly Column[]): Promise<Column[]> {
  const nulls = columns.map(({ type }, index) => `NULL::${type} AS c${index}`);
  const printed = await session.rows(`DESCRIBE SELECT ${nulls.join(', ')}`);
  return columns.map((column, index) => ({ ...column, type: String(printed[index]?.['column_type']) }));
}
