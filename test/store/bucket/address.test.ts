import { expect, test } from 'vitest';
import { bucketUrl, encodeKey, parseBucketAddress } from '../../../src/store/bucket/address.ts';

test.each([
  ['s3://lakes', '', 'https://lakes.s3.eu-central-1.amazonaws.com/'],
  ['s3://lakes/', '', 'https://lakes.s3.eu-central-1.amazonaws.com/'],
  ['s3://lakes/gong//elt/', 'gong/elt/', 'https://lakes.s3.eu-central-1.amazonaws.com/'],
  ['s3://my.lakes/x', 'x/', 'https://s3.eu-central-1.amazonaws.com/my.lakes/'],
])('%s has the prefix %j and is asked at %s', (address, prefix, url) => {
  const parsed = parseBucketAddress(address);
  expect(parsed.prefix).toBe(prefix);
  expect(bucketUrl(parsed, { url: undefined, region: 'eu-central-1' }).href).toBe(url);
});

test('other stores have the bucket in the path, behind a path of their own', () => {
  const endpoint = { url: new URL('https://minio.example.com/store/'), region: 'us-east-1' };
  expect(bucketUrl(parseBucketAddress('s3://lakes/x'), endpoint).href).toBe('https://minio.example.com/store/lakes/');
});

test('keys in a URL keep their slashes and nothing else', () => {
  expect(encodeKey("a/b c+d'é=1.json")).toBe('a/b%20c%2Bd%27%C3%A9%3D1.json');
});
