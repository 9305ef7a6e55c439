// A bucket of the fake store as the product opens one; waits pass at once.
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createByteClient } from '../../src/http/byte-client.ts';
import { bucketUrl, parseBucketAddress } from '../../src/store/bucket/address.ts';
import { type Bucket, createBucket } from '../../src/store/bucket/bucket.ts';
import { type Credentials, createCredentialChain } from '../../src/store/bucket/credentials.ts';
import { createBucketRequests } from '../../src/store/bucket/requests.ts';
import { type FakeS3, fakeKeys, startFakeS3 } from './fake-s3.ts';

/** Closed after the test. @param secrets by the access keys that it knows beside its own */
export async function openFakeS3(secrets?: Readonly<Record<string, string>>): Promise<FakeS3> {
  const fake = await startFakeS3('lakes', secrets);
  onTestFinished(() => fake.close());
  return fake;
}

export interface OpenOptions {
  readonly address?: string;
  readonly region?: string;
  readonly isSingleWriter?: boolean;
  readonly deadlineMs?: number;
  readonly tries?: number;
  readonly credentials?: () => Credentials;
  readonly now?: () => number;
}

export function openBucket({ url }: Pick<FakeS3, 'url'>, options: OpenOptions = {}): Bucket {
  const { address = 's3://lakes/gong/lake', region = 'us-east-1', isSingleWriter = false } = options;
  const clock = { ...systemClock, ...(options.now === undefined ? {} : { now: options.now }) };
  const parsed = parseBucketAddress(address);
  const client = createByteClient({
    service: 'S3',
    clock,
    log: () => {},
    random: () => 0,
    retry: { tries: options.tries ?? 6, baseMs: 1, capMs: 1, maxWaitMs: 1000 },
    userAgent: 'test',
    insideAllowed: true,
    deadlineMs: options.deadlineMs,
  });
  onTestFinished(() => client.close().catch(() => {}));
  const requests = createBucketRequests({
    bucket: parsed.bucket,
    url: bucketUrl(parsed, { url: new URL(url), region }),
    region,
    credentials: createCredentialChain([async () => options.credentials?.() ?? fakeKeys], clock, () => {}),
    client,
    clock,
  });
  return createBucket({ prefix: parsed.prefix, requests, isSingleWriter });
}
