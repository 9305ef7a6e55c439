// What people can add to a table of a lake that we would still write: columns.
import { isHostColumn, refuseParts } from '../../tables/foreign-parts.ts';
import type { LakeTable } from './lake-table.ts';
import { isForeign } from './log/schema.ts';

/** @throws ConnectorError (destination) that names the columns that are not ours */
export function refuseForeignColumns({ columns, place }: LakeTable, shown: string): void {
  const foreign = columns.filter((column) => isForeign(column) && !isHostColumn(column.name));
  refuseParts(
    foreign.map(({ name }) => `column ${name}`),
    place.folder,
    shown,
  );
}
