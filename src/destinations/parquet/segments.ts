// Names of streams and partitions as parts of a path: whatever a name holds, it stays inside the lake.

/**
 * Letters, digits, `-` and `_` stay (lower-case, so that names which differ by case do not meet on disks that fold it: capitals
 * are written as `^x`); every other byte is `%XX`. Long names are cut by the caller's hash, never here.
 */
export function toSegment(name: string): string {
  const encoded = [...Buffer.from(name, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    if (/[a-z0-9_-]/.test(character)) return character;
    if (/[A-Z]/.test(character)) return `^${character.toLowerCase()}`;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return encoded.join('') || '%';
}
