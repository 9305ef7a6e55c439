// Paths as people would write them.
import { isAbsolute, relative, resolve } from 'node:path';

/** Relative to `cwd` where it is below it, absolute elsewhere. */
export function shownPath(path: string, cwd: string): string {
  if (path.includes('://')) return path;
  const fromHere = relative(cwd, resolve(cwd, path));
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? resolve(cwd, path) : fromHere || '.';
}
