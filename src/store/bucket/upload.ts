// A file of this machine into an object that nobody made before: in one piece, or in parts when it is large. No more than one part is
// in memory, and of an upload that fails nothing stays. A file tells by its own hash whether what stands there is it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ConnectorError } from '../../core/errors.ts';
import type { ByteAnswer } from '../../http/byte-client.ts';
import { encodeXml, member, parseError } from './answers.ts';
import type { BucketRequests, FilePart } from './requests.ts';

/** Bytes: above the first, in parts; and of a part. Stores take none below 5 MiB but the last. */
const defaultLimits = { whole: 64 * 2 ** 20, part: 16 * 2 ** 20 };
/** An upload in parts cannot go on after a conflict; it begins anew, so often. */
const mostConflicts = 3;

const hashHeader = 'x-amz-meta-gong-elt-sha256';

export interface UploadOptions {
  readonly requests: BucketRequests;
  /** Of the object. */
  readonly key: string;
  readonly isSingleWriter: boolean;
  /** Bytes. */
  readonly limits?: typeof defaultLimits;
}

/** @throws ConnectorError when the object is another one, or cannot be written */
export async function uploadFile(path: string, options: UploadOptions): Promise<void> {
  const { requests, key, limits = defaultLimits } = options;
  const { size } = await stat(path);
  const whole = await hashedPart(path, 0, size);
  const asked = { key, action: 'write' };
  let failure: ConnectorError;
  try {
    const answer = size <= limits.whole ? await putWhole(whole, options) : await putParts(whole, options);
    if (answer.status === 200) return;
    failure = requests.refusal(answer, asked);
  } catch (error) {
    if (await isThere(whole.sha256, options).catch(() => false)) return;
    throw error;
  }
  if (!(await isThere(whole.sha256, options))) throw failure;
}

function condition({ isSingleWriter }: UploadOptions): Record<string, string> {
  return isSingleWriter ? {} : { 'if-none-match': '*' };
}

async function putWhole(whole: FilePart, options: UploadOptions): Promise<ByteAnswer> {
  return await options.requests.ask({
    method: 'PUT',
    key: options.key,
    action: 'write',
    headers: { ...condition(options), [hashHeader]: whole.sha256 },
    body: whole,
  });
}

async function putParts(whole: FilePart, options: UploadOptions): Promise<ByteAnswer> {
  for (let conflicts = 0; ; conflicts++) {
    const answer = await tryParts(whole, options);
    if (answer.status !== 409 || conflicts === mostConflicts) return answer;
  }
}

async function tryParts(whole: FilePart, options: UploadOptions): Promise<ByteAnswer> {
  const { requests, key, limits = defaultLimits } = options;
  const asked = { key, action: 'write' };
  const begun = await requests.ask({
    ...asked,
    method: 'POST',
    query: { uploads: '' },
    headers: { [hashHeader]: whole.sha256 },
  });
  const uploadId = begun.status === 200 ? member(begun.body.toString('utf8'), 'UploadId') : undefined;
  if (uploadId === undefined) throw requests.refusal(begun, asked);
  let isDone = false;
  try {
    const etags: string[] = [];
    for (let start = 0; start < whole.bytes; start += limits.part) {
      const part = await hashedPart(whole.path, start, Math.min(limits.part, whole.bytes - start));
      const query = { partNumber: String(etags.length + 1), uploadId };
      const answer = await requests.ask({ ...asked, method: 'PUT', query, body: part });
      const etag = answer.header('etag');
      if (answer.status !== 200 || etag === undefined) throw requests.refusal(answer, asked);
      etags.push(etag);
    }
    const parts = etags.map(
      (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${encodeXml(etag)}</ETag></Part>`,
    );
    const answer = await requests.ask({
      ...asked,
      method: 'POST',
      query: { uploadId },
      headers: condition(options),
      body: Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`),
    });
    const failed = answer.status === 200 && parseError(answer.body.toString('utf8')).code !== undefined;
    isDone = answer.status === 200 && !failed;
    return failed ? { ...answer, status: 500 } : answer;
  } finally {
    if (!isDone) await abortUpload(requests, key, uploadId);
  }
}

/** What cannot be removed now goes with the leftovers of crashes. */
export async function abortUpload(requests: BucketRequests, key: string, uploadId: string): Promise<void> {
  await requests.ask({ method: 'DELETE', key, query: { uploadId }, action: 'remove' }).catch(() => {});
}

/** Is the object the file with that hash? */
async function isThere(sha256: string, { requests, key }: UploadOptions): Promise<boolean> {
  const answer = await requests.ask({ method: 'HEAD', key, action: 'read' });
  return answer.status === 200 && answer.header(hashHeader) === sha256;
}

async function hashedPart(path: string, start: number, bytes: number): Promise<FilePart> {
  const hash = createHash('sha256');
  if (bytes > 0)
    for await (const chunk of createReadStream(path, { start, end: start + bytes - 1 })) hash.update(chunk as Buffer);
  return { path, start, bytes, sha256: hash.digest('hex') };
}
