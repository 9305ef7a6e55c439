// Rows that are deleted at their source: by a record that says so, or because they belong to an older version of their table. Pure.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { TableAction } from '../core/destination.ts';
import type { Column } from './columns.ts';
import { versionColumn } from './version-metadata.ts';

export type Retire = Extract<TableAction, { kind: 'retire' }>;

/** Says when a row was deleted. */
export const deletedColumn = '_sdc_deleted_at';

/** Name of the column that is set in records which say that their row is deleted. */
export function deletionColumn({ deletionField }: ConfiguredStream, columns: readonly Column[]): string | undefined {
  return columns.find(({ property }) => property === deletionField)?.name;
}

/** The columns that `retire` asks or writes. */
export function retireColumns({ isHard }: Retire): { name: string; type: string }[] {
  return [
    { name: versionColumn, type: 'BIGINT' },
    ...(isHard ? [] : [{ name: deletedColumn, type: 'TIMESTAMP WITH TIME ZONE' }]),
  ];
}

/** SQL over the columns of a table: the rows that go, or are marked. */
export function isRetired({ version, isHard }: Retire): string {
  const isOlder = `(${versionColumn} IS NULL OR ${versionColumn} < ${BigInt(version)})`;
  return isHard ? isOlder : `(${isOlder} AND ${deletedColumn} IS NULL)`;
}
