// `s3://bucket/prefix`, and where requests for it go. Pure.
import { isIP } from 'node:net';
import { ConnectorError } from '../../core/errors.ts';

export interface BucketAddress {
  readonly bucket: string;
  /** Before every key; empty, or with a slash at its end. */
  readonly prefix: string;
}

/** @throws ConnectorError (config) for what is no `s3://` with a bucket */
export function parseBucketAddress(address: string): BucketAddress {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(address) ?? [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || isIP(bucket) !== 0)
    throw wrong(address, 'names no bucket: 3 to 63 of a-z, 0-9, dots and hyphens');
  const folders = rest.split('/').filter((part) => part !== '');
  if (folders.some((part) => part === '.' || part === '..' || /[\u0000-\u001f\u007f\\?#]/.test(part)))
    throw wrong(address, 'has a prefix with characters that no folder of ours has');
  return { bucket, prefix: folders.map((part) => `${part}/`).join('') };
}

export interface Endpoint {
  /** Without a path; undefined: AWS. */
  readonly url: URL | undefined;
  readonly region: string;
}

/**
 * The URL of a bucket. AWS has the bucket in the host, which certificates cover unless its name has dots; other stores have it in
 * the path.
 * @throws ConnectorError (config) when the rows would cross a network in clear
 */
export function bucketUrl({ bucket }: BucketAddress, { url, region }: Endpoint): URL {
  if (url === undefined) {
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return bucket.includes('.')
      ? new URL(`https://s3.${region}.${domain}/${bucket}/`)
      : new URL(`https://${bucket}.s3.${region}.${domain}/`);
  }
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw new ConnectorError(
      `the endpoint ${url.host} is asked without TLS, so calls would cross the network in clear`,
      {
        area: 'config',
        hint: 'give AWS_ENDPOINT_URL_S3 as https://…; http is for this machine alone (localhost, 127.0.0.1)',
      },
    );
  return new URL(`${url.pathname.replace(/\/*$/, '')}/${bucket}/`, url);
}

/** @throws ConnectorError (config) */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') return url;
  throw new ConnectorError('the endpoint of the object store is no URL', {
    area: 'config',
    hint: 'correct AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL), such as https://s3.example.com',
  });
}

/** A key as it stands in the path of a URL. */
export function encodeKey(key: string): string {
  return key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}

function wrong(address: string, why: string): ConnectorError {
  return new ConnectorError(`${address} ${why}.`, { area: 'config', hint: 'write s3://bucket/folder' });
}
