// Page cursors: signed tokens in the form of a JWT (HS256), bound to endpoint and filter, with an expiry counted from the first
// page of their sequence.
import { createHash, createHmac } from 'node:crypto';
import type { JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

export interface CursorContent {
  readonly pageSize: number;
  readonly total: number;
  readonly pageNumber: number;
  /** Milliseconds since the epoch. */
  readonly expiresMs: number;
  /** What was asked: see `digestOfQuestion`. */
  readonly question: string;
}

const header = Buffer.from('{"alg":"HS256"}').toString('base64url');

export function writeCursor(content: CursorContent, secret: string): string {
  const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${header}.${payload}.${sign(payload, secret)}`;
}

/** Undefined for anything that this sandbox has not signed. What follows a third dot is ignored: faults make other cursors of one. */
export function readCursor(cursor: string, secret: string): CursorContent | undefined {
  const [head, payload, signature] = cursor.split('.');
  if (head !== header || payload === undefined || signature !== sign(payload, secret)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as CursorContent;
}

function sign(payload: string, secret: string): string {
  return createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
}

/** A short digest of endpoint and everything asked but the cursor; the order of keys does not matter. */
export function digestOfQuestion(route: string, question: JsonValue): string {
  return createHash('sha256')
    .update(route)
    .update(JSON.stringify(sorted(question)))
    .digest('base64url')
    .slice(0, 16);
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).filter((key) => key !== 'cursor');
  return keys.sort().map((key): JsonValue => [key, sorted(value[key] ?? null)]);
}
