// From what a person names as a destination to the place: `*.duckdb` is a file, anything else the folder of a lake.
import { resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { duckDbFile } from './duckdb-file.ts';
import { lake } from './lake.ts';
import type { Place } from './place.ts';

/**
 * @param path  absolute, or relative to the working directory
 * @param shown how messages name it
 * @throws ConnectorError area `config` for what is neither
 */
export function placeOf(path: string, shown: string = path): Place {
  if (isAddress(path))
    throw new ConnectorError('A destination is a path of this machine; object stores are not supported yet.', {
      area: 'config',
      hint: 'sync to a folder (--to ./lake) and copy it, or to a DuckDB file (--to warehouse.duckdb)',
    });
  return /\.(duckdb|ddb|db)$/i.test(path) ? duckDbFile(path, shown) : lake(path, shown);
}

/** The place that `path` names for somebody who works in `cwd`. @throws ConnectorError as `placeOf` */
export function placeFrom(cwd: string, path: string, shown: string = path): Place {
  return placeOf(isAddress(path) ? path : resolve(cwd, path), shown);
}

function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}
