// A table of the lake as its log describes it: whose it is, its columns, and where its files lie.
import { join, posix } from 'node:path';
import { z } from 'zod';
import type { Refresh } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { StreamRef } from '../../core/state.ts';
import type { Session } from '../../duckdb/session.ts';
import type { Owner } from '../../tables/owner.ts';
import type { AddFile } from './log/actions.ts';
import { readSnapshot, type TablePlace } from './log/read-log.ts';
import { columnsOf, type LakeColumn } from './log/schema.ts';
import type { Snapshot } from './log/snapshot.ts';

/** Members of the metadata's configuration. */
export const configured = {
  stream: 'gong_elt.stream',
  namespace: 'gong_elt.namespace',
  partition: 'gong_elt.partition',
  /** JSON text. */
  owner: 'gong_elt.owner',
  /** The newest generation of which rows were stored in the table. */
  generation: 'gong_elt.generation',
  /** JSON text: the refresh whose rows a table beside another one keeps. */
  refresh: 'gong_elt.refresh',
  /** Id of the table that was kept beside this one and whose rows are in it: what is left of that one only has to go. */
  taken: 'gong_elt.taken',
} as const;

/** Members that an entry has to leave in the configuration. */
export type Marks = Readonly<Record<string, string>>;

export interface LakeTable {
  readonly place: TablePlace;
  readonly snapshot: Snapshot;
  /** The stream whose rows it holds; undefined: somebody else made it. */
  readonly stream: StreamRef | undefined;
  /** Where `stream` came from; undefined when nobody wrote it down. */
  readonly owner: Owner | undefined;
  readonly columns: readonly LakeColumn[];
  /** The column with the month, when it is partitioned by one. */
  readonly partition: string | undefined;
  readonly generation: number | undefined;
  /** Whose rows it keeps, when it is one beside another. */
  readonly refresh: Refresh | undefined;
  readonly taken: string | undefined;
}

/**
 * @param known @param isWhole as for `readSnapshot`
 * @returns undefined when there is no table in that folder
 * @throws ConnectorError (destination) for a table that we cannot read
 */
export async function readTable(
  session: Session,
  place: TablePlace,
  known?: Snapshot,
  isWhole?: boolean,
): Promise<LakeTable | undefined> {
  const snapshot = await readSnapshot(session, place, known, isWhole);
  return snapshot === undefined ? undefined : describe(place, snapshot);
}

export function describe(place: TablePlace, snapshot: Snapshot): LakeTable {
  const { metaData } = snapshot;
  const { partitionColumns, configuration } = metaData;
  const partition = configuration?.[configured.partition] ?? undefined;
  if (partitionColumns.some((name) => name !== partition))
    throw new ConnectorError(
      `the Delta table ${place.folder} is partitioned by ${partitionColumns.join(', ')}, which gong-elt did not do`,
      {
        area: 'destination',
        hint: 'move that table into a folder outside the lake; nothing was changed',
        fields: { path: place.folder },
      },
    );
  const name = configuration?.[configured.stream] ?? undefined;
  const namespace = configuration?.[configured.namespace] ?? undefined;
  return {
    place,
    snapshot,
    stream: name === undefined ? undefined : { name, namespace },
    owner: parsed(ownerSchema, configuration?.[configured.owner]),
    columns: columnsOf(metaData, place.folder),
    partition,
    generation: parsed(z.number(), configuration?.[configured.generation]),
    refresh: parsed(refreshSchema, configuration?.[configured.refresh]),
    taken: configuration?.[configured.taken] ?? undefined,
  };
}

const ownerSchema = z.object({ origin: z.string(), key: z.array(z.array(z.string())) });
const refreshSchema = z.object({ key: z.string(), generation: z.number().optional() });

function parsed<T>(schema: z.ZodType<T>, text: string | null | undefined): T | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

/** The month of a file; undefined in a table without. */
export function monthOf(
  table: Pick<LakeTable, 'partition'>,
  file: Pick<AddFile, 'partitionValues'>,
): string | undefined {
  return table.partition === undefined ? undefined : (file.partitionValues[table.partition] ?? undefined);
}

/** Path of a file of a table, for DuckDB. @throws as `nameOf` */
export function pathOf(place: TablePlace, path: string): string {
  return join(place.store.root, nameOf(place, path));
}

/** Makes these files readable for DuckDB. */
export async function bringFiles(place: TablePlace, paths: readonly string[]): Promise<void> {
  await place.store.bring(paths.map((path) => nameOf(place, path)));
}

/**
 * Name of a file of a table in the lake.
 * @param path as the log has it
 * @throws ConnectorError (destination) for one that lies outside the table's folder
 */
export function nameOf({ folder }: TablePlace, path: string): string {
  const decoded = posix.normalize(decodeURIComponent(path));
  if (/^(\/|\.\.(\/|$)|[a-z][a-z0-9+.-]*:)/i.test(decoded))
    throw new ConnectorError(`the Delta table ${folder} has files outside its folder`, {
      area: 'destination',
      hint: 'copy them into a table of their own; nothing was changed',
      fields: { path: folder },
    });
  return `${folder}/${decoded}`;
}
