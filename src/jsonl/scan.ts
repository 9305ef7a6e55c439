// One pass over the bytes of a line, without building values: is it JSON, is it a record, where are the record's parts, and may
// its bytes go to DuckDB's JSON reader as they are? Whatever is unusual is left to the full parse, so that the fast way never
// changes meaning.
import { isUtf8 } from 'node:buffer';
import {
  backslash,
  closeBrace,
  colon,
  comma,
  createWalker,
  isSameBytes,
  letterN,
  malformed,
  openBrace,
  quote,
  skipBlanks,
  tooDeep,
} from './walk.ts';

/** Where a dialect keeps the parts of a record. */
export interface RecordEnvelope {
  /** Value of `type` in a record's line. */
  readonly type: string;
  /** Member that holds the parts; undefined when they stand beside `type`. */
  readonly body: string | undefined;
  readonly stream: string;
  readonly namespace: string | undefined;
  readonly data: string;
  readonly emittedAt: string;
  readonly meta: string | undefined;
}

/**
 * `record` a record whose `data` may be staged byte for byte, but for its `inexact` fractions · `other` a JSON object that is no record · `unusual` valid JSON
 * that needs the full parse to be understood or cleaned · `malformed` not a JSON object · `too_deep` nested beyond the cap.
 */
export type Verdict = 'record' | 'other' | 'unusual' | 'malformed' | 'too_deep';

/** Byte range of a value in the line scanned last; `start` is -1 when the member is absent or null. */
export interface Span {
  start: number;
  end: number;
}

export interface Scanner {
  /** Overwrites the spans. */
  scan(line: Uint8Array): Verdict;
  readonly type: Readonly<Span>;
  readonly stream: Readonly<Span>;
  readonly namespace: Readonly<Span>;
  readonly data: Readonly<Span>;
  readonly emittedAt: Readonly<Span>;
  readonly meta: Readonly<Span>;
  /** Starts and ends of fractions in the line that a double would change, in turn. */
  readonly inexact: readonly number[];
}

/** DuckDB's JSON reader ends the process at some ten thousand levels; nothing real needs more than a few. */
export const maxDepth = 256;

/** Beginnings of top-level keys of a record that belong to us or to a host, and are no data. */
export const reservedKeyPrefixes = ['__gong_elt_', '_airbyte_'] as const;

interface Member {
  readonly name: Buffer;
  readonly span: Span;
  readonly role: 'plain' | 'data' | 'body';
}

export function createScanner(envelope: RecordEnvelope): Scanner {
  const toMember = (name: string | undefined, role: Member['role'] = 'plain'): Member => ({
    name: Buffer.from(name ?? ''),
    span: { start: -1, end: -1 },
    role,
  });
  const type = toMember('type');
  const body = toMember(envelope.body, 'body');
  const stream = toMember(envelope.stream);
  const namespace = toMember(envelope.namespace);
  const data = toMember(envelope.data, 'data');
  const emittedAt = toMember(envelope.emittedAt);
  const meta = toMember(envelope.meta);
  const all = [type, body, stream, namespace, data, emittedAt, meta];
  const parts = [stream, namespace, data, emittedAt, meta].filter((member) => member.name.length > 0);
  const inBody = envelope.body === undefined ? [] : parts;
  const atTop = envelope.body === undefined ? [type, ...parts] : [type, body];
  const recordType = Buffer.from(JSON.stringify(envelope.type));
  const walker = createWalker(maxDepth, reservedKeyPrefixes);

  function scanMembers(line: Uint8Array, start: number, depth: number, members: readonly Member[]): number {
    let at = skipBlanks(line, start + 1);
    if (line[at] === closeBrace) return at + 1;
    for (;;) {
      if (line[at] !== quote) return malformed;
      const keyStart = at + 1;
      const keyEnd = walker.skipString(line, keyStart) - 1;
      if (keyEnd < 0) return malformed;
      // An escaped key may spell one that we look for.
      if (walker.escaped) walker.unusual = true;
      at = skipBlanks(line, keyEnd + 1);
      if (line[at] !== colon) return malformed;
      at = skipBlanks(line, at + 1);
      const member = findMember(members, line, keyStart, keyEnd);
      const valueStart = at;
      at =
        member?.role === 'body' && line[at] === openBrace
          ? scanMembers(line, at, depth + 1, inBody)
          : walker.skipValue(line, at, depth, member?.role === 'data');
      if (at < 0) return at;
      if (member) note(member.span, line, valueStart, at);
      at = skipBlanks(line, at);
      if (line[at] === closeBrace) return at + 1;
      if (line[at] !== comma) return malformed;
      at = skipBlanks(line, at + 1);
    }
  }

  function note(span: Span, line: Uint8Array, start: number, end: number) {
    // JSON.parse takes the last of two members with one name; the full parse does too.
    if (span.end !== -1) walker.unusual = true;
    span.start = line[start] === letterN ? -1 : start;
    span.end = end;
  }

  function scan(line: Uint8Array): Verdict {
    for (const { span } of all) {
      span.start = -1;
      span.end = -1;
    }
    walker.unusual = false;
    walker.inexact.length = 0;
    const start = skipBlanks(line, 0);
    if (line[start] !== openBrace) return 'malformed';
    const end = scanMembers(line, start, 1, atTop);
    if (end === tooDeep) return 'too_deep';
    if (end < 0 || skipBlanks(line, end) < line.length) return 'malformed';
    if (walker.unusual || !isUtf8(line)) return 'unusual';
    if (!isSameBytes(line, type.span.start, type.span.end, recordType)) {
      // A type written with escapes may still spell the record's.
      return typeIsEscaped(line) ? 'unusual' : 'other';
    }
    return line[stream.span.start] === quote && line[data.span.start] === openBrace ? 'record' : 'unusual';
  }

  function typeIsEscaped(line: Uint8Array): boolean {
    return type.span.start !== -1 && line.subarray(type.span.start, type.span.end).includes(backslash);
  }

  return {
    scan,
    type: type.span,
    stream: stream.span,
    namespace: namespace.span,
    data: data.span,
    emittedAt: emittedAt.span,
    meta: meta.span,
    inexact: walker.inexact,
  };
}

/** The data of the record scanned last, in a form that DuckDB's JSON reader takes without changing it: a view, or a copy. */
export function stageableData(line: Buffer, { data, inexact }: Pick<Scanner, 'data' | 'inexact'>): Uint8Array {
  const { start, end } = data;
  const inside = inexact.filter((at) => at >= start && at <= end);
  if (inside.length === 0) return line.subarray(start, end);
  // As texts they keep their digits.
  const copy = Buffer.allocUnsafe(end - start + inside.length);
  let from = start;
  let to = 0;
  for (const at of inside) {
    to += line.copy(copy, to, from, at);
    copy[to++] = quote;
    from = at;
  }
  line.copy(copy, to, from, end);
  return copy;
}

function findMember(members: readonly Member[], line: Uint8Array, start: number, end: number): Member | undefined {
  for (const member of members) if (isSameBytes(line, start, end, member.name)) return member;
  return undefined;
}
