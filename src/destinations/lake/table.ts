// What the lake knows of a stream: its columns, key and view, following the stream's schema. Pure but for DuckDB's spelling of types.
import type { ConfiguredStream } from '../../core/catalog.ts';
import { streamKey } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import { canonicalJson, sha256 } from '../../core/hash.ts';
import type { Session } from '../../duckdb/session.ts';
import { foldCase, freeName } from '../../tables/columns.ts';
import { planChange } from '../../tables/evolve.ts';
import { keepDigits } from '../../tables/keep-digits.ts';
import { dedupOrder } from '../../tables/newest.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { BatchTarget, Needs } from '../../tables/staged-table.ts';
import { batchTarget, wantedColumns } from '../../tables/wanted-columns.ts';
import type { Head, LakeShape, LakeTable } from './manifest.ts';
import { positionColumns, selectVersions, versionColumns } from './views.ts';

const reserved = [...Object.values(versionColumns), ...Object.values(positionColumns)];

/** A table of the lake as a batch finds it. */
export interface LakeTarget extends BatchTarget {
  readonly table: LakeTable;
}

/** The lake that a batch comes upon. */
export interface Ground {
  readonly root: string;
  readonly head: Head | undefined;
  /** Columns beside the streams' own. */
  readonly metadata: RecordMetadata | undefined;
}

/**
 * The stream's table: the columns of its schema, widened where older files or the batch need it; columns that the schema lost stay.
 * @param tables of the lake, and of this batch so far
 * @param needs types that hold the numbers of a batch, by property, where the schema's do not
 * @throws ConnectorError (config) for a stream without columns, with a name that SQL cannot write, or with a key that is none of them
 */
export async function describeTable(
  session: Session,
  configured: ConfiguredStream,
  tables: Head['tables'],
  needs: Needs,
  { root, head, metadata }: Ground,
): Promise<LakeTarget> {
  const { stream } = configured;
  const key = streamKey(stream);
  const known = tables.find((table) => table.stream === key);
  // DuckDB has no way to write such a name, and readers need one for the view.
  if ([stream.name, stream.namespace ?? 'main'].some((name) => name === '' || name.includes('\0')))
    throw new ConnectorError(`a stream's name or namespace is empty or holds a NUL, so it cannot have a view`, {
      area: 'config',
      hint: 'rename the stream in the source, or deselect it',
    });
  const names = new Map(known?.columns.map(({ property, name }) => [property, name]));
  const wanted = await wantedColumns(session, configured, metadata, needs, { known: names, reserved });
  const plan = planChange(wanted.columns, known?.columns ?? []);
  const change =
    head === undefined || known === undefined
      ? plan
      : await keepDigits(session, plan, `(${selectVersions(head, known, root)})`);
  const present = new Set(change.columns.map(({ name }) => name));
  const gone = (known?.columns ?? []).filter(({ name }) => !present.has(name));
  const target = batchTarget(change.columns, wanted);
  const isDedup = configured.destinationSyncMode === 'append_dedup';
  const order = isDedup ? dedupOrder(configured, target.columns, metadata?.extractedAt) : undefined;
  const namespace = stream.namespace ?? null;
  const table = {
    stream: key,
    name: stream.name,
    namespace,
    view: known?.view ?? freeName(stream.name, viewsIn(tables, namespace)),
    columns: [...change.columns, ...gone].map(({ property, name, type }) => ({ property, name, type })),
    keys: [...(order?.keys ?? [])],
    cursor: order?.cursor ?? null,
  };
  return { table, ...target };
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
