// An object into a file of this machine, some megabytes at a time: a connection that breaks costs one piece.
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { ByteAnswer } from '../../http/byte-client.ts';
import type { BucketRequests } from './requests.ts';

const pieceBytes = 16 * 2 ** 20;

/**
 * @param path of the file, which is there whole or not at all; readable by its owner only
 * @throws ConnectorError when there is no such object
 */
export async function downloadFile(requests: BucketRequests, key: string, path: string): Promise<void> {
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(part, 'w', 0o600);
    try {
      let etag: string | undefined;
      let size = Number.POSITIVE_INFINITY;
      for (let at = 0; at < size; ) {
        const answer = await askPiece(requests, key, at, etag);
        if (answer === undefined) break;
        size = sizeOf(answer, at);
        etag = answer.header('etag');
        await file.write(answer.body, 0, answer.body.length, at);
        at += answer.body.length;
        if (answer.body.length === 0 && at < size) throw requests.refusal(answer, { key, action: 'read' });
      }
    } finally {
      await file.close();
    }
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** @returns undefined for an empty object */
async function askPiece(requests: BucketRequests, key: string, at: number, etag: string | undefined) {
  const asked = { key, action: 'read' };
  const answer = await requests.ask({
    ...asked,
    method: 'GET',
    headers: { range: `bytes=${at}-${at + pieceBytes - 1}`, ...(etag === undefined ? {} : { 'if-match': etag }) },
    bytes: pieceBytes,
    // A store that knows no ranges sends all of it.
    capBytes: 2 ** 30,
  });
  if (answer.status === 206 || (answer.status === 200 && at === 0)) return answer;
  if (answer.status === 416 && at === 0) return undefined;
  if (answer.status === 412)
    throw new ConnectorError(`${key} was replaced while it was read`, {
      area: 'destination',
      hint: 'a file of a lake is never written twice: find out who writes into this prefix',
      fields: { key },
    });
  throw requests.refusal(answer, asked);
}

/** Bytes of the whole object. */
function sizeOf(answer: ByteAnswer, at: number): number {
  const total = /\/(\d+)$/.exec(answer.header('content-range') ?? '')?.[1];
  return total === undefined ? at + answer.body.length : Number(total);
}
