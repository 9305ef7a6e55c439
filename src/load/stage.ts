// Staging files: the records of a batch as newline-delimited JSON, per stream, until they are committed. They hold transcripts,
// so only their owner may read them, and they go as soon as the batch is stored.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfiguredStream } from '../core/catalog.ts';
import { streamKey } from '../core/catalog.ts';
import type { StagedStream } from '../core/destination.ts';
import { stagedMembers } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';
import { createLineNumbers } from './line-numbers.ts';

/** What the host says of a record, beside its data. */
export interface Envelope {
  /** Milliseconds since the epoch. */
  readonly emittedAt: number;
  /** The host's remarks, as JSON text. */
  readonly meta?: string | undefined;
  /** Of the input that it came in, counted from 1. */
  readonly line?: number | undefined;
}

/** The staging files of one batch. All calls are synchronous: what they write is small and goes to the page cache. */
export interface Stage {
  /** Bytes written so far. */
  readonly bytes: number;
  readonly rows: number;
  /** Are there records of this stream? */
  has(stream: ConfiguredStream): boolean;
  /** @param data one JSON object on one line @param seq arrival number, growing over the whole load */
  append(stream: ConfiguredStream, data: Uint8Array, envelope: Envelope, seq: number): void;
  /** Finishes the files. @returns the streams that got records, and a digest of every byte. */
  seal(): { streams: StagedStream[]; digest: string };
  remove(): void;
}

/** Makes `folder`, which one load uses at a time, and empties it should a load before have left something. */
export function clearStagingFolder(folder: string): void {
  withDiskErrors(folder, () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  });
}

/** @param folder must not exist yet */
export function createStage(folder: string): Stage {
  const writers = new Map<string, StreamWriter>();
  const lines = createLineNumbers();
  /** Of the record before: most come from the same stream. */
  let recent: { readonly stream: ConfiguredStream; readonly writer: StreamWriter } | undefined;
  let rows = 0;
  let bytes = 0;
  withDiskErrors(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));

  function writerOf(stream: ConfiguredStream): StreamWriter {
    const key = streamKey(stream.stream);
    const known = writers.get(key);
    if (known !== undefined) return known;
    const writer = createStreamWriter(stream, join(folder, String(writers.size)));
    writers.set(key, writer);
    return writer;
  }

  return {
    get bytes() {
      return bytes;
    },
    get rows() {
      return rows;
    },
    has: (stream) => writers.has(streamKey(stream.stream)),
    append(stream, data, envelope, seq) {
      if (recent?.stream !== stream) recent = { stream, writer: writerOf(stream) };
      bytes += recent.writer.append(data, envelope, seq);
      if (envelope.line !== undefined) lines.note(seq, envelope.line);
      rows += 1;
    },
    seal() {
      const sealed = [...writers].map(([key, writer]) => ({ key, ...writer.seal() }));
      const digest = createHash('sha256');
      for (const { key, digest: part } of sealed) digest.update(key).update(part);
      const streams = sealed.map(({ staged }) => ({ ...staged, lineOf: lines.of }));
      return { streams, digest: digest.digest('hex') };
    },
    remove() {
      for (const writer of writers.values()) writer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface StreamWriter {
  /** @returns bytes added */
  append(data: Uint8Array, envelope: Envelope, seq: number): number;
  seal(): { staged: StagedStream; digest: Buffer };
  close(): void;
}

/** DuckDB reads several files in parallel, and one large file of long lines hardly. */
const fileBytes = 8 * 1024 * 1024;
const bufferBytes = 256 * 1024;

function createStreamWriter(configured: ConfiguredStream, prefix: string): StreamWriter {
  const files: string[] = [];
  const hash = createHash('sha256');
  let buffer = Buffer.allocUnsafe(bufferBytes);
  let used = 0;
  let file: { descriptor: number; bytes: number } | undefined;
  let rows = 0;
  let bytes = 0;
  let longestLine = 0;

  function flush() {
    if (used === 0) return;
    const chunk = buffer.subarray(0, used);
    hash.update(chunk);
    withDiskErrors(prefix, () => {
      if (file === undefined) {
        const path = `${prefix}-${files.length}.jsonl`;
        file = { descriptor: openSync(path, 'wx', 0o600), bytes: 0 };
        files.push(path);
      }
      for (let written = 0; written < used; ) written += writeSync(file.descriptor, chunk, written);
      file.bytes += used;
    });
    used = 0;
    if (file !== undefined && file.bytes >= fileBytes) close();
  }

  function close() {
    if (file !== undefined) closeSync(file.descriptor);
    file = undefined;
  }

  return {
    append(data, envelope, seq) {
      const head = memberText(envelope, seq);
      const room = 3 * head.length + data.length + 2;
      if (used + room > buffer.length) {
        flush();
        if (room > buffer.length) buffer = Buffer.allocUnsafe(room);
      }
      const start = used;
      used += buffer.write(head, used);
      const rest = afterBrace(data);
      if (data[rest] !== closeBrace) buffer[used++] = comma;
      buffer.set(rest === 0 ? data : data.subarray(rest), used);
      used += data.length - rest;
      buffer[used++] = newline;
      const lineBytes = used - start;
      rows += 1;
      bytes += lineBytes;
      if (lineBytes > longestLine) longestLine = lineBytes;
      return lineBytes;
    },
    seal() {
      flush();
      close();
      return { staged: { configured, files, rows, bytes, longestLine }, digest: hash.digest() };
    },
    close,
  };
}

const newline = 0x0a;
const blank = 0x20;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** The staged object up to the record's own members. */
function memberText(envelope: Envelope, seq: number): string {
  const own = `{"${stagedMembers.seq}":${seq},"${stagedMembers.emittedAt}":${envelope.emittedAt}`;
  return envelope.meta === undefined ? own : `${own},"${stagedMembers.meta}":${envelope.meta}`;
}

/** Where the first member of the object begins, or its closing brace. */
function afterBrace(data: Uint8Array): number {
  let at = 0;
  while (at < data.length && data[at] !== openBrace) at += 1;
  at += 1;
  while (at < data.length && (data[at] as number) <= blank) at += 1;
  return at;
}

function withDiskErrors<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    throw new ConnectorError(
      isFull ? `no room left for the staging files of this load in ${path}` : `cannot write ${path}: ${code}`,
      {
        area: 'destination',
        hint: isFull ? 'free some space, then run the same command again' : 'check the folder and its permissions',
        fields: { path },
        cause: error,
      },
    );
  }
}
