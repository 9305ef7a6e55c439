// Keys, region and endpoint from the places where AWS's own tools find them: the fake store says who asked.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { connectBucket } from '../../../src/store/bucket/connection.ts';
import { parseSections } from '../../../src/store/bucket/profiles.ts';
import { openFolder } from '../../support/folder.ts';
import { refusedWith, serve } from '../../support/http-servers.ts';
import { openFakeS3 } from '../../support/open-bucket.ts';

type Answers = (method: string, url: string, headers: Record<string, unknown>, body: string) => [number, string];

async function openWorld(variables: Record<string, string>, files: Record<string, string> = {}) {
  const names = ['ENVIRONMENT', 'DEFAULT', 'OTHER', 'CONTAINER', 'IDENTITY', 'MACHINE', 'RENEWED'];
  const fake = await openFakeS3(Object.fromEntries(names.map((name) => [name, `secret-of-${name}`])));
  const folder = await openFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const hidden: string[] = [];
  const machine = {
    variables: {
      AWS_ENDPOINT_URL: fake.url,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      ...variables,
    },
    hide: (secret: string) => void hidden.push(secret),
    proxy: {},
    userAgent: 'test',
  };
  const open = async () => {
    const bucket = await connectBucket('s3://lakes/x', false, { clock: systemClock, log: () => {}, machine });
    onTestFinished(() => bucket.close());
    return bucket;
  };
  const askedBy = async () => {
    await (await open()).list('');
    return [...fake.askedBy];
  };
  return { fake, folder, hidden, machine, open, askedBy };
}

const keysOf = (name: string) => ({ AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: `secret-of-${name}` });
const section = (name: string) => `aws_access_key_id = ${name}\naws_secret_access_key=secret-of-${name}\n`;
const handedOut = (name: string, more = {}) =>
  JSON.stringify({ AccessKeyId: name, SecretAccessKey: `secret-of-${name}`, Token: `token-of-${name}`, ...more });
const credentials = `[default]\n${section('DEFAULT')}\n[other]\n${section('OTHER')}region = eu-central-1 # near\n`;

const answering = (answers: Answers) =>
  serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const [status, text] = answers(request.method ?? '', request.url ?? '', request.headers, body);
    response.writeHead(status).end(text);
  });

describe('keys', () => {
  test('of the environment come first, and are hidden from messages', async () => {
    const { askedBy, hidden } = await openWorld(keysOf('ENVIRONMENT'), { credentials });
    expect(await askedBy()).toEqual(['ENVIRONMENT']);
    expect(hidden).toContain('secret-of-ENVIRONMENT');
  });

  test('of the default profile, when no other is named', async () => {
    expect(await (await openWorld({}, { credentials })).askedBy()).toEqual(['DEFAULT']);
  });

  test('of the profile that is named, with its region', async () => {
    const { fake, askedBy } = await openWorld({ AWS_PROFILE: 'other' }, { credentials });
    fake.faults.region = 'eu-central-1';
    expect(await askedBy()).toEqual(['OTHER']);
  });

  test('a profile of the config file may hold them, and the endpoint', async () => {
    const { fake, folder, machine, open } = await openWorld({ AWS_PROFILE: 'mine', AWS_ENDPOINT_URL: '' });
    await writeFile(join(folder, 'config'), `[profile mine]\nendpoint_url = ${fake.url}\n${section('OTHER')}`);
    expect(machine.variables.AWS_ENDPOINT_URL).toBe('');
    await (await open()).list('');
    expect([...fake.askedBy]).toEqual(['OTHER']);
  });

  test('a profile that is not there, or gets its keys in another way, is told', async () => {
    const missing = await refusedWith((await openWorld({ AWS_PROFILE: 'none' }, { credentials })).open());
    expect(missing.hint).toContain('AWS_PROFILE');
    const { askedBy } = await openWorld({}, { config: '[default]\nsso_session = x\nregion = us-east-1\n' });
    const sso = await refusedWith(askedBy());
    expect(sso.message).toContain('sso_session');
    expect(sso.hint).toContain('aws configure export-credentials');
  });

  test('of the container, with its token, until shortly before they end', async () => {
    let asked = 0;
    const port = await answering((_method, url, headers) => {
      if (url !== '/creds' || headers['authorization'] !== 'pod-token') return [403, '{}'];
      const name = asked++ === 0 ? 'CONTAINER' : 'RENEWED';
      return [200, handedOut(name, { Expiration: new Date(Date.now() + asked * 280_000).toISOString() })];
    });
    const { folder, fake, machine, open, hidden } = await openWorld({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/creds`,
    });
    await writeFile(join(folder, 'token'), 'pod-token\n');
    Object.assign(machine.variables, { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token') });
    const bucket = await open();
    await bucket.list('');
    await bucket.list('');
    await bucket.list('');
    expect([...fake.askedBy]).toEqual(['CONTAINER', 'RENEWED']);
    expect(asked).toBe(2);
    expect(hidden).toContain('token-of-CONTAINER');
  });

  test('are not asked of just anybody', async () => {
    const { askedBy } = await openWorld({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' });
    expect((await refusedWith(askedBy())).message).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  });

  test('for the token of an identity', async () => {
    const sent: string[] = [];
    const port = await answering((_method, _url, _headers, body) => {
      sent.push(body);
      return [
        200,
        `<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>IDENTITY</AccessKeyId><SecretAccessKey>secret-of-IDENTITY</SecretAccessKey><SessionToken>a&amp;b</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResponse>`,
      ];
    });
    const { folder, machine, askedBy, hidden } = await openWorld({
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/lake',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    });
    await writeFile(join(folder, 'jwt'), 'a.b+c\n');
    Object.assign(machine.variables, { AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'jwt') });
    expect(await askedBy()).toEqual(['IDENTITY']);
    const form = new URLSearchParams(sent[0]);
    expect(form.get('RoleArn')).toBe('arn:aws:iam::1:role/lake');
    expect(form.get('WebIdentityToken')).toBe('a.b+c');
    expect(hidden).toContain('a&b');
  });

  test('of the machine, by a session of its metadata service', async () => {
    const port = await answering((method, url, headers) => {
      if (method === 'PUT' && url === '/latest/api/token') return [200, 'session'];
      if (headers['x-aws-ec2-metadata-token'] !== 'session') return [401, ''];
      if (url.endsWith('/security-credentials/')) return [200, 'lake-role'];
      return url.endsWith('/lake-role') ? [200, handedOut('MACHINE')] : [404, ''];
    });
    const { askedBy } = await openWorld({
      AWS_EC2_METADATA_DISABLED: '',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    expect(await askedBy()).toEqual(['MACHINE']);
  });

  test('nowhere: what to set is said', async () => {
    const error = await refusedWith((await openWorld({})).askedBy());
    expect(error).toMatchObject({ area: 'credentials', message: 'there are no credentials for the object store' });
  });
});

describe('addresses', () => {
  test('rows cross no network in clear', async () => {
    const { open } = await openWorld({ AWS_ENDPOINT_URL_S3: 'http://minio.example.com:9000' });
    expect((await refusedWith(open())).message).toContain('without TLS');
  });

  test('what is no bucket is refused', async () => {
    const { machine } = await openWorld({});
    for (const address of ['s3://', 's3://Upper/x', 's3://a/x', 's3://lakes/a/../b', 's3://lakes/a?b'])
      await refusedWith(connectBucket(address, false, { clock: systemClock, log: () => {}, machine }));
  });
});

test('sections of AWS files: comments, spaces, and members of members', () => {
  const text =
    '# c\n[ default ]\nregion=eu-west-1 ; x\ns3 =\n  addressing_style = path\n\r\n[profile   a b]\r\nX = 1=2\r\n';
  expect([...parseSections(text)].map(([name, members]) => [name, Object.fromEntries(members)])).toEqual([
    ['default', { region: 'eu-west-1' }],
    ['profile a b', { x: '1=2' }],
  ]);
});
