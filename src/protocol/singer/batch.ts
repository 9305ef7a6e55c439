// BATCH messages: records that lie in files. We read JSON lines, plain and gzip.
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Decoded } from '../dialect.ts';
import { malformed } from '../line-decoder.ts';

/** What is compressed is seen by its first bytes. */
const compressions: readonly unknown[] = [undefined, null, 'none', 'gzip'];

export function readBatchMessage({ stream, encoding, manifest, version }: JsonObject): Decoded {
  if (typeof stream !== 'string') return malformed('a BATCH whose stream is not a text');
  const { format, compression } = isJsonObject(encoding) ? encoding : {};
  if (format !== 'jsonl') return refused(`the format ${named(format)}`);
  if (!compressions.includes(compression)) return refused(`the compression ${named(compression)}`);
  if (!Array.isArray(manifest) || !manifest.every((file) => typeof file === 'string'))
    return malformed('a BATCH whose manifest is no list of files');
  const head = Buffer.from(`{"type":"RECORD","stream":${JSON.stringify(stream)},"record":`);
  const tail = Buffer.from(Number.isSafeInteger(version) ? `,"version":${String(version)}}` : '}');
  return { kind: 'batch', files: manifest, toRecordLine: (data) => Buffer.concat([head, data, tail]) };
}

function refused(what: string): Decoded {
  return {
    kind: 'refused',
    reason: `a BATCH in ${what}, which this version cannot read`,
    hint: 'let the tap write JSON lines (batch_config: encoding: {format: jsonl}), or take batch_config out of its settings',
  };
}

/** A word of the sender, when it is one. */
function named(word: unknown): string {
  return typeof word === 'string' && /^[a-z0-9_.-]{1,20}$/i.test(word) ? `"${word}"` : 'that it gives';
}
