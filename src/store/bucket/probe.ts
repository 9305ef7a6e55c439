// May we read and write in a bucket, and does the store give a name only once? Asked before anything is spent, with an object that
// goes again.
import { randomUUID } from 'node:crypto';
import { ConnectorError } from '../../core/errors.ts';
import { parseUploads } from './answers.ts';
import type { Bucket } from './bucket.ts';
import { abortUpload } from './upload.ts';

export interface ProbeOptions {
  /** How messages name the place. */
  readonly shown: string;
  readonly isSingleWriter: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws ConnectorError: what the store refuses; `destination` when two writers could overwrite each other */
export async function probeBucket(bucket: Bucket, { shown, isSingleWriter, now }: ProbeOptions): Promise<void> {
  const name = `_gong_elt/probe-${randomUUID()}`;
  try {
    await bucket.list('_gong_elt/');
    await bucket.put(name, 'first');
    const found = await bucket.readTagged(name);
    if (String(found?.content) !== 'first') throw notAsWritten(shown);
    if (!isSingleWriter) {
      if (await isTaken(bucket, name, { 'if-none-match': '*' })) throw noConditions(shown, 'If-None-Match');
      if (await isTaken(bucket, name, { 'if-match': '"0123456789abcdef0123456789abcdef"' }))
        throw noConditions(shown, 'If-Match');
      if (!(await bucket.replace(name, 'second', found?.etag ?? ''))) throw noConditions(shown, 'If-Match');
    }
  } finally {
    await bucket.remove(name).catch(() => {});
  }
  await removeDeadUploads(bucket, now);
}

/** Does the store write, although the condition does not hold? One that refuses the header heeds it no better. */
async function isTaken(bucket: Bucket, name: string, headers: Record<string, string>): Promise<boolean> {
  const asked = { key: bucket.keyOf(name), action: 'write' };
  const answer = await bucket.requests.ask({ ...asked, method: 'PUT', headers, body: Buffer.from('other') });
  if (answer.status === 412) return false;
  if (answer.status === 200 || answer.status === 400 || answer.status === 501) return true;
  throw bucket.requests.refusal(answer, asked);
}

/** Nobody uploads one file for so long, milliseconds. */
const abandonedAfterMs = 24 * 3_600_000;

/** Parts that a killed process left: they cost money, and no list shows them. */
async function removeDeadUploads({ requests, keyOf }: Bucket, now: number): Promise<void> {
  const query = { uploads: '', prefix: keyOf('') };
  // Who may not list them leaves them to the bucket's own rules.
  const answer = await requests.ask({ method: 'GET', query, action: 'list' }).catch(() => undefined);
  if (answer?.status !== 200) return;
  for (const { key, uploadId, begunAt } of parseUploads(answer.body.toString('utf8')))
    if (key.startsWith(keyOf('')) && now - begunAt > abandonedAfterMs) await abortUpload(requests, key, uploadId);
}

function noConditions(shown: string, header: string): ConnectorError {
  return new ConnectorError(
    `the store of ${shown} does not heed ${header}, so two syncs could overwrite each other’s commits`,
    {
      area: 'destination',
      hint: 'use a store with conditional writes (AWS S3, Cloudflare R2, MinIO); where only one program ever writes, set single_writer: true',
      fields: { path: shown, header },
    },
  );
}

function notAsWritten(shown: string): ConnectorError {
  return new ConnectorError(`${shown} does not give back what was written to it`, {
    area: 'destination',
    hint: 'look at the proxies before the store, and at the rules of the bucket; nothing was spent',
    fields: { path: shown },
  });
}
