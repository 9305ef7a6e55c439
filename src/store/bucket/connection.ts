// Where the object store is and who we are for it, found in the places that AWS's own tools look into, in their order.
import { homedir } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Machine, Variables } from '../../core/machine.ts';
import { createByteClient } from '../../http/byte-client.ts';
import type { RetryPolicy } from '../../http/retry.ts';
import { bucketUrl, type Endpoint, parseBucketAddress, parseEndpoint } from './address.ts';
import { type Bucket, createBucket } from './bucket.ts';
import { type CredentialSource, type Credentials, createCredentialChain } from './credentials.ts';
import { type Profile, readProfile } from './profiles.ts';
import { containerCredentials, machineCredentials, webIdentityCredentials } from './remote-credentials.ts';
import { createBucketRequests } from './requests.ts';

export interface BucketEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  readonly machine: Pick<Machine, 'variables' | 'hide' | 'proxy' | 'userAgent'>;
}

/** Of the store: its own answer to a flood is 503, and it wants short waits. */
const retry: RetryPolicy = { tries: 8, baseMs: 200, capMs: 20_000, maxWaitMs: 120_000 };
/** Of who hands out credentials. */
const retryNearby: RetryPolicy = { tries: 3, baseMs: 200, capMs: 2000, maxWaitMs: 10_000 };

export interface OpenedBucket extends Bucket {
  close(): Promise<void>;
}

/**
 * @param address `s3://bucket/prefix`
 * @param isSingleWriter a person says that nobody else writes, so that a store without conditions will do
 * @throws ConnectorError (config, credentials) before anything is asked of the store
 */
export async function connectBucket(
  address: string,
  isSingleWriter: boolean,
  { clock, log, machine }: BucketEnvironment,
): Promise<OpenedBucket> {
  const { variables: env, proxy, userAgent } = machine;
  const parsed = parseBucketAddress(address);
  const profile = await readProfile(env, homedir());
  const endpoint = endpointOf(env, profile);
  const shared = { clock, log, random: Math.random, userAgent, proxy };
  const client = createByteClient({ ...shared, service: 'S3', retry, insideAllowed: endpoint.url !== undefined });
  const nearby = { ...shared, proxy: undefined, service: 'credentials', insideAllowed: true };
  const machineClient = createByteClient({ ...nearby, retry: { ...retryNearby, tries: 1 }, deadlineMs: 1000 });
  const tokenClient = createByteClient({ ...shared, service: 'credentials', insideAllowed: true, retry: retryNearby });
  const nearbyClient = createByteClient({ ...nearby, retry: retryNearby, deadlineMs: 5000 });
  const sources: CredentialSource[] = [
    async () => fromVariables(env),
    async () => fromProfile(await readProfile(env, homedir())),
    () => containerCredentials(env, nearbyClient),
    async () => {
      const identity = webIdentityOf(env, profile);
      if (identity === undefined) return undefined;
      return await webIdentityCredentials(identity, endpoint.region, env['AWS_ENDPOINT_URL_STS'], tokenClient);
    },
    () => machineCredentials(env, machineClient),
  ];
  const bucket = createBucket({
    prefix: parsed.prefix,
    isSingleWriter,
    requests: createBucketRequests({
      bucket: parsed.bucket,
      url: bucketUrl(parsed, endpoint),
      region: endpoint.region,
      credentials: createCredentialChain(sources, clock, machine.hide),
      client,
      clock,
    }),
  });
  return {
    ...bucket,
    async close() {
      for (const each of [client, machineClient, tokenClient, nearbyClient]) await each.close();
    },
  };
}

function endpointOf(env: Variables, profile: Profile | undefined): Endpoint {
  const url = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || profile?.get('endpoint_url');
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || profile?.get('region') || 'us-east-1';
  if (!/^[a-z0-9-]{1,40}$/.test(region))
    throw new ConnectorError('AWS_REGION is no region', { area: 'config', hint: 'such as AWS_REGION=eu-central-1' });
  return { url: url ? parseEndpoint(url) : undefined, region };
}

function fromVariables(env: Variables): Credentials | undefined {
  const accessKeyId = env['AWS_ACCESS_KEY_ID']?.trim();
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY']?.trim();
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN']?.trim() || undefined };
}

/** @throws ConnectorError (config) for a profile whose keys come in a way that is not ours */
function fromProfile(profile: Profile | undefined): Credentials | undefined {
  if (profile === undefined) return undefined;
  const accessKeyId = profile.get('aws_access_key_id');
  const secretAccessKey = profile.get('aws_secret_access_key');
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, sessionToken: profile.get('aws_session_token') };
  const way = ['sso_session', 'sso_start_url', 'credential_process', 'source_profile', 'credential_source'].find(
    (name) => profile.has(name),
  );
  if (way === undefined) return undefined;
  throw new ConnectorError(`the AWS profile gets its keys by ${way}, which gong-elt does not do itself`, {
    area: 'credentials',
    hint: 'put them into the environment first: eval "$(aws configure export-credentials --format env)"',
  });
}

function webIdentityOf(env: Variables, profile: Profile | undefined) {
  const tokenFile = env['AWS_WEB_IDENTITY_TOKEN_FILE'] || profile?.get('web_identity_token_file');
  const role = env['AWS_ROLE_ARN'] || profile?.get('role_arn');
  if (!tokenFile || !role) return undefined;
  return { tokenFile, role, session: env['AWS_ROLE_SESSION_NAME'] || profile?.get('role_session_name') };
}
