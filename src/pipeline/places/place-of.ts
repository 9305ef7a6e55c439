// From what a person names as a destination to the place: `*.duckdb` is a file, anything else a lake, in a folder or a bucket.
import { resolve } from 'node:path';
import { duckDbFile } from './duckdb-file.ts';
import { lakeHome } from './lake.ts';
import { lakeAt } from './lake-at.ts';
import type { Place } from './place.ts';

/**
 * @param path absolute, or relative to the working directory, or `s3://…`
 * @param shown how messages name it
 * @param isSingleWriter of a bucket: nobody else writes, so that a store without conditional writes will do
 * @throws ConnectorError area `config` for an address of another kind
 */
export function placeOf(path: string, shown: string = path, isSingleWriter = false): Place {
  if (!isAddress(path) && /\.(duckdb|ddb|db)$/i.test(path)) return duckDbFile(path, shown);
  return lakeAt(lakeHome({ path, shown, isSingleWriter }));
}

/** The place that `path` names for somebody who works in `cwd`. @throws ConnectorError as `placeOf` */
export function placeFrom(cwd: string, path: string, shown: string = path, isSingleWriter = false): Place {
  return placeOf(absoluteOf(cwd, path), shown, isSingleWriter);
}

/** A path of this machine made absolute; an address stays. */
export function absoluteOf(cwd: string, path: string): string {
  return isAddress(path) ? path : resolve(cwd, path);
}

function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}
