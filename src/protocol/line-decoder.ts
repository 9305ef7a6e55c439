// The first look at a line, which is the same in every dialect: is it a message, and may its bytes be taken as they are?
import { createScanner, maxDepth, type RecordEnvelope, type Scanner } from '../jsonl/scan.ts';
import type { Decoded, Decoder } from './dialect.ts';

export interface LineReaders {
  /** A record whose parts were found; its data may be staged byte for byte. */
  readRecord(line: Buffer, parts: Scanner): Decoded;
  /** A JSON object that is no record. */
  readOther(line: Buffer): Decoded;
  /** Any JSON object, parsed in full: what the first look found unusual. */
  readUnusual(line: Buffer): Decoded;
}

export function createLineDecoder(envelope: RecordEnvelope, readers: LineReaders): Decoder {
  const scanner = createScanner(envelope);
  return {
    decode(line) {
      switch (scanner.scan(line)) {
        case 'record':
          return readers.readRecord(line, scanner);
        case 'other':
          return readers.readOther(line);
        case 'unusual':
          return readers.readUnusual(line);
        case 'too_deep':
          return malformed(`nested deeper than ${maxDepth} levels`);
        case 'malformed':
          return malformed('not one JSON object');
      }
    },
  };
}

/** @param reason without content of the line */
export function malformed(reason: string): Decoded {
  return { kind: 'malformed', reason };
}
