// Places whose content the tests of modes look at, behind loads in this process or by an executable.
import { join } from 'node:path';
import type { Destination } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { RecordMetadata } from '../../src/tables/record-metadata.ts';
import { warehouseIn } from '../destinations/duckdb/warehouse.ts';
import { lakeIn } from '../destinations/lake/lake.ts';

export interface StoredPlace {
  /** Of the file or folder. */
  readonly path: string;
  open(options?: { connection?: string; metadata?: RecordMetadata | undefined }): Destination;
  /** What a reader of the tables sees. */
  read(sql: string): Promise<JsonObject[]>;
  /** Names of all tables, sorted, also of those that are kept beside others. */
  tables(): Promise<string[]>;
}

/** @param folder where the file or folder is to lie; it is there */
export type StoredPlaceIn = (folder: string) => StoredPlace;

export const storedPlaces: readonly (readonly [name: string, placeIn: StoredPlaceIn])[] = [
  ['DuckDB', warehouseIn],
  ['The lake', (folder) => lakeIn(join(folder, 'lake'))],
];
