// What is sent to Semarize, byte for byte, and the key that stands for it. A change here changes what old keys mean:
// test/fixtures/run-body.json holds the bytes of released versions.
import { createHash } from 'node:crypto';
import { sha256 } from '../core/hash.ts';
import type { EvaluationSubject } from '../core/ledger.ts';

export interface RunInput {
  /** One line a turn, `Name (role): …`: the column `transcripts.text`. */
  readonly text: string;
}

/**
 * The body of POST /v1/runs. Nothing but the transcript goes into `input`: no CRM field, no time, no version of ours; so
 * equal keys mean equal bytes.
 */
export function buildRunBody(
  input: 'text' | 'turns',
  transcript: RunInput,
  kit: string,
  version: string | null,
): string {
  return JSON.stringify({
    kit_code: kit,
    ...(version === null ? {} : { kit_version_id: version }),
    mode: 'async',
    input: { transcript: input === 'text' ? transcript.text : toTurns(transcript.text) },
  });
}

/** `Name (role): words` → `{speaker, text}`; names hold no colon (gong/transcript-text.ts). */
function toTurns(text: string): { speaker: string; text: string }[] {
  return text.split('\n').map((line) => {
    const colon = line.indexOf(': ');
    return { speaker: line.slice(0, colon), text: line.slice(colon + 2) };
  });
}

/**
 * The Idempotency-Key: `gs1:` and 52 characters of base32 (RFC 4648, lower case, no padding) over a sha256 of everything
 * that makes two evaluations the same one. No personal data; the API key is no part of it, only its class, so that
 * rotating a key changes nothing.
 */
export function buildIdempotencyKey(
  subject: EvaluationSubject & { input: 'text' | 'turns'; attempt: number },
  workspaceLabel: string,
  keyClass: KeyClass,
): string {
  const parts = [
    `${workspaceLabel}/${keyClass}`,
    subject.callId,
    subject.transcriptHash,
    subject.kit,
    subject.version ?? '',
    subject.input,
    String(subject.attempt),
  ];
  // JSON keeps the parts apart whatever they hold.
  return `gs1:${base32(createHash('sha256').update(JSON.stringify(parts)).digest())}`;
}

export type KeyClass = 'live' | 'test';

/** Test keys mark their runs as sandbox. */
export function keyClassOf(apiKey: string): KeyClass {
  return apiKey.startsWith('smz_test_') ? 'test' : 'live';
}

export function hashBody(body: string): string {
  return sha256(body);
}

function base32(bytes: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += alphabet[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet[(value << (5 - bits)) & 31];
}
