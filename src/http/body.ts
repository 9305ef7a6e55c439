// Reading a body within caps.
import type { JsonValue } from '../core/json.ts';
import { toWellFormedJson } from '../core/well-formed.ts';

/** Deepest nesting of JSON that is taken from outside: far above any real answer, far below what kills a parser or DuckDB. */
export const jsonDepthCap = 256;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** The body as bytes; throws BodyTooLargeError beyond `capBytes`. */
export async function readBody(body: AsyncIterable<Uint8Array>, capBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > capBytes) throw new BodyTooLargeError(`body of more than ${capBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The bytes as JSON with well-formed texts, or undefined when they are not whole JSON within the depth cap. */
export function parseJson(bytes: Buffer): JsonValue | undefined {
  if (deepest(bytes) > jsonDepthCap) return undefined;
  const text = bytes.toString('utf8');
  try {
    const value = JSON.parse(text) as JsonValue;
    // Only an escape can bring a lone surrogate in.
    return /\\u[dD][89a-fA-F]/.test(text) ? toWellFormedJson(value) : value;
  } catch {
    return undefined;
  }
}

function deepest(bytes: Buffer): number {
  let depth = 0;
  let max = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) {
      // Skip the string: brackets inside it are text.
      do {
        i = bytes.indexOf(0x22, i + 1);
        if (i < 0) return max;
      } while (isEscaped(bytes, i));
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > max) max = depth;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return max;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let slashes = 0;
  while (bytes[at - 1 - slashes] === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}
