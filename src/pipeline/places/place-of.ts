// From what a person names as a destination to the place: `*.duckdb` is a file, anything else a lake, in a folder or a bucket.
import { duckDbFile } from './duckdb-file.ts';
import { lakeHome } from './lake.ts';
import { lakeAt } from './lake-at.ts';
import type { Place } from './place.ts';

/**
 * @param path  absolute, or relative to the working directory, or `s3://…`
 * @param shown how messages name it
 * @param isSingleWriter of a bucket: nobody else writes, so that a store without conditions will do
 * @throws ConnectorError area `config` for what is neither
 */
export function placeOf(path: string, shown: string = path, isSingleWriter = false): Place {
  if (!path.includes('://') && /\.(duckdb|ddb|db)$/i.test(path)) return duckDbFile(path, shown);
  return lakeAt(lakeHome(path, shown, isSingleWriter));
}
