// Signed requests to one bucket.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { AwsV4Signer } from 'aws4fetch';
import type { Clock } from '../../core/clock.ts';
import type { ConnectorError } from '../../core/errors.ts';
import { type ByteAnswer, type ByteClient, type ByteRequest, NoAnswerError } from '../../http/byte-client.ts';
import { isRetryableStatus } from '../../http/retry.ts';
import { encodeKey } from './address.ts';
import { parseError } from './answers.ts';
import type { CredentialChain } from './credentials.ts';
import { refused, unanswered } from './errors.ts';

/** Bytes of a file of this machine. */
export interface FilePart {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface BucketRequest {
  readonly method: ByteRequest['method'];
  /** Undefined: the bucket itself. */
  readonly key?: string | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | FilePart | undefined;
  /** As in "write", "read", "list". */
  readonly action: string;
  /** Bytes of the answer, about; and how many are taken. */
  readonly bytes?: number;
  readonly capBytes?: number;
}

export interface BucketRequests {
  /**
   * @returns every whole answer that another try would not change
   * @throws ConnectorError when the store gives no good answer, however often it is asked
   */
  ask(request: BucketRequest): Promise<ByteAnswer>;
  /** What the store refused, in our words. */
  refusal(answer: ByteAnswer, request: Pick<BucketRequest, 'key' | 'action'>): ConnectorError;
}

export interface BucketRequestsOptions {
  readonly bucket: string;
  readonly url: URL;
  readonly region: string;
  readonly credentials: CredentialChain;
  readonly client: ByteClient;
  readonly clock: Clock;
}

const repeatedCodes: ReadonlySet<string> = new Set([
  'ConditionalRequestConflict',
  'OperationAborted',
  'RequestTimeout',
]);

const emptyHash = createHash('sha256').digest('hex');

export function createBucketRequests(options: BucketRequestsOptions): BucketRequests {
  const { bucket, url, region, credentials, client, clock } = options;
  const signingKeys = new Map<string, ArrayBuffer>();

  async function sign(request: BucketRequest, Signer: typeof AwsV4Signer): Promise<ByteRequest> {
    const { method, key, query = {}, headers = {}, body } = request;
    const target = new URL(url);
    target.pathname += encodeKey(key ?? '');
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials.get();
    const signer = new Signer({
      method,
      url: target.href,
      headers: { ...headers, 'x-amz-content-sha256': hashOf(body) },
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: 's3',
      region,
      cache: signingKeys,
      datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    const signed = await signer.sign();
    const length = body === undefined ? undefined : Buffer.isBuffer(body) ? body.length : body.bytes;
    return {
      method,
      url: signed.url,
      headers: {
        ...Object.fromEntries(signed.headers),
        ...(length === undefined ? {} : { 'content-length': String(length) }),
      },
      body: streamOf(body),
    };
  }

  return {
    async ask(request) {
      const { AwsV4Signer } = await import('aws4fetch');
      const { body, bytes, capBytes, action, key } = request;
      let renewed = false;
      const asked = { bucket, region, key, action };
      let answer: ByteAnswer;
      try {
        answer = await client.send(() => sign(request, AwsV4Signer), {
          about: `${request.method} ${key ?? ''}`,
          bytes: (bytes ?? 0) + (Buffer.isBuffer(body) ? body.length : (body?.bytes ?? 0)),
          ...(capBytes === undefined ? {} : { capBytes }),
          retries(failed) {
            const code = failed.body.length === 0 ? undefined : parseError(failed.body.toString('utf8')).code;
            if (code === 'ExpiredToken' && !renewed) {
              renewed = true;
              credentials.forget();
              return true;
            }
            // The end of an upload in parts begins its answer before the store knows how it will end.
            if (request.method === 'POST') return failed.status === 200 && code !== undefined;
            // Two conditional writes met; or the store lost our body on the way.
            return request.method === 'PUT' && repeatedCodes.has(code ?? '');
          },
        });
      } catch (error) {
        throw error instanceof NoAnswerError ? unanswered(error, asked, url.host) : error;
      }
      if (isRetryableStatus(answer.status)) throw refused(answer, asked);
      return answer;
    },
    refusal: (answer, { key, action }) => refused(answer, { bucket, region, key, action }),
  };
}

function hashOf(body: BucketRequest['body']): string {
  if (body === undefined) return emptyHash;
  return Buffer.isBuffer(body) ? createHash('sha256').update(body).digest('hex') : body.sha256;
}

function streamOf(body: BucketRequest['body']): ByteRequest['body'] {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  if (body.bytes === 0) return Buffer.alloc(0);
  return createReadStream(body.path, { start: body.start, end: body.start + body.bytes - 1 });
}
