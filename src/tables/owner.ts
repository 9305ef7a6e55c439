// Whose table it is. Two streams that come under one name never share a table: the rows of one would be taken for the other's.
import type { ConfiguredStream } from '../core/catalog.ts';
import { ConnectorError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';

/** The stream that a table was made for. */
export interface Owner {
  /** As its source calls it. */
  readonly origin: string;
  /** Paths of its key; empty when it has none. */
  readonly key: readonly (readonly string[])[];
}

export function ownerOf({ stream, primaryKey }: ConfiguredStream): Owner {
  return { origin: stream.origin ?? stream.name, key: primaryKey };
}

export function isSameOwner(a: Owner | undefined, b: Owner): boolean {
  return a?.origin === b.origin && JSON.stringify(a.key) === JSON.stringify(b.key);
}

/**
 * A key that merely changes inside one stream is taken; one whose columns the stream does not even have belongs to another one.
 * @param shown how messages name the table
 * @throws ConnectorError (config) that names both owners
 */
export function refuseOtherOwner(owner: Owner, configured: ConfiguredStream, shown: string): void {
  const mine = ownerOf(configured);
  const { properties } = configured.stream.jsonSchema;
  const isForeign = owner.key.some(([first = '']) => !isJsonObject(properties) || !Object.hasOwn(properties, first));
  if (owner.origin === mine.origin && !isForeign) return;
  throw new ConnectorError(
    `stream ${named(mine)} would be stored in ${shown}, which holds the stream ${named(owner)}; nothing was stored`,
    {
      area: 'config',
      hint: 'write one of them into another schema or another destination',
      fields: { stream: configured.stream.name },
    },
  );
}

function named({ origin, key }: Owner): string {
  return key.length === 0 ? `${origin} (no key)` : `${origin} (key ${key.map((path) => path.join('.')).join(', ')})`;
}
