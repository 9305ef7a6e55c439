// What the lake knows of a stream: its columns, key and view, following the stream's schema. Pure but for DuckDB's spelling of types.
import type { ConfiguredStream } from '../../core/catalog.ts';
import { streamKey } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import { canonicalJson, sha256 } from '../../core/hash.ts';
import type { Session } from '../../duckdb/session.ts';
import { fieldsOf, foldCase, freeName, nameColumns } from '../../tables/columns.ts';
import { planChange, wideInteger } from '../../tables/evolve.ts';
import { dedupOrder } from '../../tables/newest.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import type { Head, LakeShape, LakeTable } from './manifest.ts';
import { positionColumns, versionColumns } from './views.ts';

const reserved = [...Object.values(stagedColumns), ...Object.values(versionColumns), ...Object.values(positionColumns)];

/**
 * The stream's table: the columns of its schema, widened where older files or the batch need it; columns that the schema lost stay.
 * @param wide columns declared integer whose values need DECIMAL(38,0)
 * @param metadata columns beside the stream's own
 * @throws ConnectorError (config) for a stream without fields, with a name that SQL cannot write, or with a key that is none of them
 */
export async function describeTable(
  session: Session,
  configured: ConfiguredStream,
  tables: Head['tables'],
  wide: ReadonlySet<string>,
  metadata: RecordMetadata | undefined,
): Promise<LakeTable> {
  const { stream } = configured;
  const key = streamKey(stream);
  const known = tables.find((table) => table.stream === key);
  // DuckDB has no way to write such a name, and readers need one for the view.
  if ([stream.name, stream.namespace ?? 'main'].some((name) => name === '' || name.includes('\0')))
    throw new ConnectorError(`a stream's name or namespace is empty or holds a NUL, so it cannot have a view`, {
      area: 'config',
      hint: 'rename the stream in the source, or deselect it',
    });
  const fields = fieldsOf(stream.jsonSchema).filter(
    ({ property }) => !property.startsWith('__gong_elt_') && metadata?.isReserved(property) !== true,
  );
  if (fields.length === 0)
    throw new ConnectorError(`stream ${stream.name} declares no fields, so it cannot have files`, {
      area: 'config',
      hint: 'give its schema properties, or deselect it',
      fields: { stream: stream.name },
    });
  const names = new Map(known?.columns.map(({ property, name }) => [property, name]));
  const extra = metadata?.columns ?? [];
  const own = nameColumns(fields, names, [...reserved, ...extra.map(({ name }) => name)]).map((column) =>
    wide.has(column.name) && column.type === 'BIGINT' ? { ...column, type: wideInteger } : column,
  );
  const named = [...own, ...extra.map(({ name, type }) => ({ property: name, name, type }))];
  const printed = await session.rows(
    `DESCRIBE SELECT ${named.map(({ type }, index) => `NULL::${type} AS c${index}`).join(', ')}`,
  );
  const wanted = named.map((column, index) => ({ ...column, type: String(printed[index]?.['column_type']) }));
  const change = planChange(wanted, known?.columns ?? []);
  const present = new Set(change.columns.map(({ name }) => name));
  const gone = (known?.columns ?? []).filter(({ name }) => !present.has(name));
  const isDedup = configured.destinationSyncMode === 'append_dedup';
  const order = isDedup ? dedupOrder(configured, change.columns) : undefined;
  const namespace = stream.namespace ?? null;
  return {
    stream: key,
    name: stream.name,
    namespace,
    view: known?.view ?? freeName(stream.name, viewsIn(tables, namespace)),
    columns: [...change.columns, ...gone].map(({ property, name, type }) => ({ property, name, type })),
    keys: [...(order?.keys ?? [])],
    cursor: order?.cursor ?? null,
  };
}

/** Names that are taken in the schema of `namespace`; streams without one share `main`. */
function viewsIn(tables: Head['tables'], namespace: string | null): Set<string> {
  const schema = foldCase(namespace ?? 'main');
  return new Set(
    tables.filter((table) => foldCase(table.namespace ?? 'main') === schema).map(({ view }) => foldCase(view)),
  );
}

/** Files with the same columns have the same shape. */
export function shapeOf(table: LakeTable): LakeShape {
  const columns = table.columns.map(({ name, type }) => ({ name, type }));
  return { name: sha256(canonicalJson(columns)).slice(0, 16), columns };
}
