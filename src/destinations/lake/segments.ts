// Names of streams and connections as parts of a path: whatever a name holds, it stays inside the lake and meets no other one.
import { sha256 } from '../../core/hash.ts';

/** Longer ones are cut, with a `~` and a hash; every file system takes this much. */
const longest = 100;

/**
 * Lower-case letters, digits, `-` and `_` stay; capitals are `^x`, so that names which differ by case do not meet on disks that
 * fold it; every other byte is `%XX`, and so are a first `_` (such names are ours) and the first letter of a name that
 * Windows reserves.
 */
export function toSegment(name: string): string {
  const isReserved = /^(con|prn|aux|nul|com\d|lpt\d)$/.test(name);
  const encoded = Array.from(Buffer.from(name, 'utf8'), (byte, index) => {
    const character = String.fromCharCode(byte);
    const isPlain = /[a-z0-9_-]/.test(character) && !(index === 0 && (character === '_' || isReserved));
    if (isPlain) return character;
    if (/[A-Z]/.test(character)) return `^${character.toLowerCase()}`;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
  if (encoded === '') return '%';
  return encoded.length <= longest ? encoded : `${encoded.slice(0, longest - 17)}~${sha256(name).slice(0, 16)}`;
}

/** Folder of a stream. A `.` stands in no segment, so a namespace cannot run into a name. */
export function streamFolder(stream: { name: string; namespace: string | null }): string {
  return stream.namespace === null
    ? toSegment(stream.name)
    : `${toSegment(stream.namespace)}.${toSegment(stream.name)}`;
}
