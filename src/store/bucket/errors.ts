// What an object store refuses, in our words: which bucket and key, the status, the store's own code, and what to do. Its message is
// not told: it may quote an access key.
import { ConnectorError } from '../../core/errors.ts';
import { toVendorId } from '../../core/vendor-values.ts';
import type { ByteAnswer } from '../../http/byte-client.ts';
import { parseError } from './answers.ts';

export interface Asked {
  readonly bucket: string;
  readonly region: string;
  /** Of the object; undefined for what concerns the bucket. */
  readonly key?: string | undefined;
  /** As in "write", "read", "list". */
  readonly action: string;
}

export function refused(answer: ByteAnswer, asked: Asked): ConnectorError {
  const { code, region } = parseError(answer.body.toString('utf8'));
  const shownCode = toVendorId(code);
  const right = answer.header('x-amz-bucket-region') ?? region;
  const { bucket, key, action } = asked;
  const where = key === undefined ? `bucket ${bucket}` : `${key} in bucket ${bucket}`;
  const said = shownCode === undefined ? `status ${answer.status}` : `status ${answer.status}, ${shownCode}`;
  const [what, hint, area] = explain(answer.status, code, asked, right);
  return new ConnectorError(`cannot ${action} ${where}: ${what} (${said})`, {
    area,
    hint,
    fields: { bucket, key, http_status: answer.status, code: shownCode },
  });
}

export function unanswered(error: Error, { bucket, key, action }: Asked, host: string): ConnectorError {
  const where = key === undefined ? `bucket ${bucket}` : `${key} in bucket ${bucket}`;
  return new ConnectorError(`cannot ${action} ${where}: ${host} gave no answer: ${error.message}`, {
    area: 'destination',
    hint: 'look at the network, at AWS_ENDPOINT_URL_S3 and at AWS_REGION, then run the same command again: it goes on where it stopped',
    fields: { bucket, key, host },
    cause: error.cause,
  });
}

type Explanation = readonly [string, string, 'credentials' | 'destination' | 'config'];

function explain(
  status: number,
  code: string | undefined,
  { bucket, action, region }: Asked,
  right: string | undefined,
): Explanation {
  const isElsewhere = right !== undefined && right !== region;
  switch (code) {
    case 'NoSuchBucket':
      return [
        'there is no such bucket',
        'make the bucket, or correct the name; with a store that is not AWS, check AWS_ENDPOINT_URL_S3',
        'destination',
      ];
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return isElsewhere
        ? [`the bucket is in the region ${right}, not in ${region}`, `set AWS_REGION=${right}`, 'config']
        : [`the bucket is not in the region ${region}`, 'set AWS_REGION to the region of the bucket', 'config'];
    case 'RequestTimeTooSkewed':
      return ['the clock of this machine is wrong', 'set the clock of this machine (NTP), then run again', 'config'];
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return [
        'the credentials have expired',
        'get new ones (aws sso login, or a new AWS_SESSION_TOKEN), then run again: it goes on where it stopped',
        'credentials',
      ];
    case 'InvalidAccessKeyId':
      return ['the store does not know this access key', 'check AWS_ACCESS_KEY_ID and the profile', 'credentials'];
    case 'InvalidToken':
      return ['the session token is not valid', 'check AWS_SESSION_TOKEN, or unset an old one', 'credentials'];
    case 'SignatureDoesNotMatch':
      return [
        'the secret does not fit the access key',
        'check AWS_SECRET_ACCESS_KEY, and that no proxy changes the requests',
        'credentials',
      ];
    case 'EntityTooLarge':
      return ['the object is larger than the store takes', 'lower batch_bytes', 'destination'];
    case 'InvalidObjectState':
      return [
        'the object is archived',
        'restore it, and keep this prefix out of the bucket’s rule that archives objects',
        'destination',
      ];
    case 'QuotaExceeded':
    case 'InsufficientStorage':
    case 'XMinioStorageFull':
      return ['no room is left', 'make room in the store, then run again: it goes on where it stopped', 'destination'];
  }
  if (status === 301 || status === 307 || (status === 400 && isElsewhere))
    return isElsewhere
      ? [`the bucket is in the region ${right}, not in ${region}`, `set AWS_REGION=${right}`, 'config']
      : [
          'the store sends us elsewhere',
          'set AWS_REGION to the region of the bucket, or AWS_ENDPOINT_URL_S3',
          'config',
        ];
  if (status === 401 || status === 403)
    return [
      'access denied',
      `allow ${permissionFor(action)} on arn:aws:s3:::${bucket} to these credentials`,
      'credentials',
    ];
  if (status === 404) return ['it is not there', 'check the bucket, the prefix and AWS_ENDPOINT_URL_S3', 'destination'];
  if (status >= 500 || status === 429)
    return [
      'the store is overloaded or broken',
      'run the same command again later: it goes on where it stopped',
      'destination',
    ];
  return ['the store refuses it', 'look the code up in the manual of the store', 'destination'];
}

function permissionFor(action: string): string {
  if (action === 'list') return 's3:ListBucket';
  if (action === 'read') return 's3:GetObject (and s3:ListBucket)';
  return action === 'remove' ? 's3:DeleteObject' : 's3:PutObject, s3:AbortMultipartUpload';
}
