// Names of streams and connections as folders: whatever a name holds, it stays inside the lake and meets no other one.

import { streamKey } from '../../core/catalog.ts';
import { sha256 } from '../../core/hash.ts';
import type { StreamRef } from '../../core/state.ts';

/** Every file system takes this much, and a hash behind it. */
const longest = 80;

/** Names that are their own folder: none that Windows reserves, that ends in a hash of ours, or that readers take for hidden. */
function isPlain(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9_-]*$/.test(name) &&
    name.length <= longest &&
    !/^(con|prn|aux|nul|com\d|lpt\d)$/.test(name) &&
    !/-[0-9a-f]{16}$/.test(name)
  );
}

/** The name itself where it is plain, else what is plain of it and a hash of `key`, which is unlike all others. */
function toFolder(name: string, key: string): string {
  if (key === name && isPlain(name)) return name;
  const plain = name.toLowerCase().replace(/[^a-z0-9_-]+/g, '_');
  return `${plain.replace(/^[_-]+/, '').slice(0, longest) || 'x'}-${sha256(key).slice(0, 16)}`;
}

/** Folder of a stream's table. */
export function tableFolder({ name, namespace }: StreamRef): string {
  return namespace === undefined
    ? toFolder(name, name)
    : toFolder(`${namespace}_${name}`, streamKey({ name, namespace }));
}

/** Folder of a connection's states. */
export function connectionFolder(connection: string): string {
  return toFolder(connection, connection);
}
