// Which column of a file is which of ours: by its name, whatever its spelling, or by what a person says.
import { ConnectorError } from '../core/errors.ts';

/** Our column → its place in the record. */
export type ColumnPlaces = ReadonlyMap<string, number>;

export interface WantedColumns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

export interface FoundColumns {
  readonly places: ColumnPlaces;
  /** Columns of the file that nobody reads. */
  readonly unread: readonly string[];
}

/** `IsWon`, `Is Won` and `is-won` are `is_won`. */
function snakeCase(name: string): string {
  return name
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
}

/**
 * Pure.
 * @param header names of the file's columns
 * @param map our column → the file's, where the names differ
 * @param shown how messages name the file
 * @throws ConnectorError of area `config` that names every column that is missing, unknown or meant twice
 */
export function findColumns(
  header: readonly string[],
  { required, optional }: WantedColumns,
  map: Readonly<Record<string, string>>,
  shown: string,
): FoundColumns {
  const ours = [...required, ...optional];
  const problems: string[] = [];
  const places = new Map<string, number>();
  for (const [our, theirs] of Object.entries(map)) {
    if (!ours.includes(our)) problems.push(`${our} is no column of ours: ${ours.join(', ')}`);
    const place = header.findIndex((name) => name.trim() === theirs.trim());
    if (place < 0) problems.push(`it has no column ${theirs} (for ${our})`);
    else places.set(our, place);
  }
  const mapped = new Set(places.values());
  for (const our of ours.filter((name) => !places.has(name) && map[name] === undefined)) {
    const found = header.flatMap((name, place) => (snakeCase(name) === our && !mapped.has(place) ? [place] : []));
    if (found.length > 1) problems.push(`several columns are called ${our}`);
    const [place] = found;
    if (place !== undefined) places.set(our, place);
    else if (required.includes(our)) problems.push(`it has no column ${our}`);
  }
  if (problems.length > 0)
    throw new ConnectorError(`${shown} cannot be read: ${problems.join('; ')}.`, {
      area: 'config',
      hint: `its columns are ${header.join(', ')}; say which is which: --map ${required[0] ?? ''}=NAME`,
      fields: { path: shown },
    });
  const read = new Set(places.values());
  return { places, unread: header.filter((_, place) => !read.has(place)) };
}
