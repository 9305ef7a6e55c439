// Bytes to lines, without decoding them: the first step of everything that reads messages.

/** One line of input. */
export interface Line {
  /** Counted from 1; blank lines count. */
  readonly number: number;
  /**
   * The line without its ending, and without the byte order mark of the first one. A view into the chunk it came in:
   * copy it to keep it, since the view keeps the whole chunk alive.
   */
  readonly bytes: Buffer;
  /**
   * `too_long`: more bytes than allowed, which were dropped (`bytes` is empty) · `unterminated`: the input ended before the
   * line did. Its writer may have died, so it counts only if it is whole by itself.
   */
  readonly fault?: 'too_long' | 'unterminated';
}

/** 64 MiB: far above any message a host lets through, far below what would hurt. */
export const defaultMaxLineBytes = 64 * 1024 * 1024;

/**
 * Cuts at `\n` and drops a `\r` before it; blank lines are left out. Yields the lines of one chunk at a time, so memory holds
 * one chunk and one line begun, of at most `maxLineBytes` bytes.
 */
export async function* splitLines(
  input: AsyncIterable<Uint8Array>,
  maxLineBytes: number = defaultMaxLineBytes,
): AsyncGenerator<Line[]> {
  const begun = createPendingLine(maxLineBytes);
  let number = 0;
  for await (const piece of input) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end);
      start = end + 1;
      number += 1;
      const line = begun.isEmpty() ? toLine(number, tail, maxLineBytes) : begun.finish(number, tail);
      if (line) lines.push(line);
    }
    begun.append(start === 0 ? chunk : chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (begun.isEmpty()) return;
  const last = begun.finish(number + 1, Buffer.alloc(0));
  if (last) yield [last.fault ? last : { ...last, fault: 'unterminated' }];
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Collects a line that spans chunks in one growing buffer, so that a writer who drips single bytes costs no more than others. */
function createPendingLine(maxBytes: number) {
  let buffer = Buffer.alloc(0);
  let length = 0;
  let overflowed = false;

  function append(piece: Buffer) {
    if (overflowed || piece.length === 0) return;
    // Room for "\r" and a byte order mark, which are cut off before the length is judged.
    if (length + piece.length > maxBytes + 4) {
      overflowed = true;
      buffer = Buffer.alloc(0);
      length = 0;
      return;
    }
    if (length + piece.length > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * (length + piece.length), 1024));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    piece.copy(buffer, length);
    length += piece.length;
  }

  return {
    append,
    isEmpty: () => length === 0 && !overflowed,
    finish(number: number, tail: Buffer): Line | undefined {
      append(tail);
      const line: Line | undefined = overflowed
        ? { number, bytes: Buffer.alloc(0), fault: 'too_long' }
        : toLine(number, buffer.subarray(0, length), maxBytes);
      buffer = Buffer.alloc(0);
      length = 0;
      overflowed = false;
      return line;
    },
  };
}

/** Undefined for a blank line. */
function toLine(number: number, bytes: Buffer, maxBytes: number): Line | undefined {
  const start = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const end = bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length;
  if (end - start > maxBytes) return { number, bytes: Buffer.alloc(0), fault: 'too_long' };
  const content = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
  return isBlank(content) ? undefined : { number, bytes: content };
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false;
  return true;
}
