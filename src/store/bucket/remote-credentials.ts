// Credentials that somebody hands out for a while: the container, the machine, or AWS for the token of an identity.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { ConnectorError } from '../../core/errors.ts';
import type { Variables } from '../../core/machine.ts';
import { toVendorId } from '../../core/vendor-values.ts';
import { type ByteAnswer, type ByteClient, type ByteRequest, NoAnswerError } from '../../http/byte-client.ts';
import { member, parseError } from './answers.ts';
import type { Credentials } from './credentials.ts';

const handedOut = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().optional(),
  Expiration: z.string().optional(),
});

/** Of ECS tasks and EKS pods. */
export async function containerCredentials(env: Variables, client: ByteClient): Promise<Credentials | undefined> {
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const full = relative ? `http://169.254.170.2${relative}` : env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!full) return undefined;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !isTrusted(url))
    throw new ConnectorError('AWS_CONTAINER_CREDENTIALS_FULL_URI is no address that hands out credentials', {
      area: 'config',
      hint: 'it is https, or http on this machine or on the addresses that ECS and EKS use; on AWS it is set for you',
    });
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token = file ? await readToken(file) : env['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const headers: Record<string, string> = token ? { authorization: token } : {};
  return parseHandedOut(await ask(client, { method: 'GET', url, headers }, 'the container'), 'the container');
}

function isTrusted({ protocol, hostname: host }: URL): boolean {
  if (protocol === 'https:') return true;
  return /^(localhost|127(\.\d+){3}|\[::1\]|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/.test(host);
}

/** Of an EC2 machine (IMDSv2). @returns undefined where nobody answers: this is no such machine, or it has no role */
export async function machineCredentials(env: Variables, client: ByteClient): Promise<Credentials | undefined> {
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined;
  const base = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || 'http://169.254.169.254';
  const at = (path: string) => new URL(path, base);
  const who = 'the metadata service of this machine';
  let token: string;
  try {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
    const answer = await client.send(
      async () => ({ method: 'PUT', url: at('/latest/api/token'), headers, body: Buffer.alloc(0) }),
      { about: who },
    );
    if (answer.status !== 200) return undefined;
    token = answer.body.toString('utf8').trim();
  } catch (error) {
    if (error instanceof NoAnswerError) return undefined;
    throw error;
  }
  const headers = { 'x-aws-ec2-metadata-token': token };
  const roles = '/latest/meta-data/iam/security-credentials/';
  const found = await ask(client, { method: 'GET', url: at(roles), headers }, who);
  const [role] = found.body.toString('utf8').trim().split('\n');
  if (found.status === 404 || !role) return undefined;
  const url = at(`${roles}${encodeURIComponent(role)}`);
  return parseHandedOut(await ask(client, { method: 'GET', url, headers }, who), who);
}

export interface WebIdentity {
  readonly tokenFile: string;
  readonly role: string;
  readonly session: string | undefined;
}

/** For the token of an identity, from AWS's token service. @param endpoint undefined: AWS's own of that region */
export async function webIdentityCredentials(
  { tokenFile, role, session }: WebIdentity,
  region: string,
  endpoint: string | undefined,
  client: ByteClient,
): Promise<Credentials> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName:
      session ??
      `gong-elt-${hostname()
        .replace(/[^\w.-]/g, '-')
        .slice(0, 32)}`,
    WebIdentityToken: await readToken(tokenFile),
  });
  const url = new URL(endpoint ?? `https://sts.${region}.amazonaws.com/`);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const who = 'the token service of AWS';
  const answer = await ask(client, { method: 'POST', url, headers, body: Buffer.from(form.toString()) }, who);
  const xml = answer.body.toString('utf8');
  const accessKeyId = member(xml, 'AccessKeyId');
  const secretAccessKey = member(xml, 'SecretAccessKey');
  if (answer.status !== 200 || accessKeyId === undefined || secretAccessKey === undefined)
    throw refusedCredentials(who, answer, 'check AWS_ROLE_ARN, the trust policy of that role, and the token file');
  const sessionToken = member(xml, 'SessionToken');
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt: instant(member(xml, 'Expiration')) };
}

async function ask(client: ByteClient, request: ByteRequest, who: string): Promise<ByteAnswer> {
  try {
    return await client.send(async () => request, { about: who, capBytes: 2 ** 20 });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new ConnectorError(`${who} hands out no credentials: ${error.message}`, {
      area: 'credentials',
      hint: 'run the same command again; if it stays so, look at the role of the task or the machine',
      cause: error.cause,
    });
  }
}

function parseHandedOut(answer: ByteAnswer, who: string): Credentials {
  const hint = 'look at the role of the task or the machine';
  if (answer.status !== 200) throw refusedCredentials(who, answer, hint);
  let content: unknown;
  try {
    content = JSON.parse(answer.body.toString('utf8'));
  } catch {
    // Said below.
  }
  const { data } = handedOut.safeParse(content);
  if (data === undefined) throw refusedCredentials(who, answer, hint);
  return {
    accessKeyId: data.AccessKeyId,
    secretAccessKey: data.SecretAccessKey,
    sessionToken: data.Token,
    expiresAt: instant(data.Expiration),
  };
}

function refusedCredentials(who: string, { status, body }: ByteAnswer, hint: string): ConnectorError {
  const code = toVendorId(parseError(body.toString('utf8')).code);
  const said = code === undefined ? `status ${status}` : `status ${status}, ${code}`;
  return new ConnectorError(`${who} hands out no credentials (${said})`, {
    area: 'credentials',
    hint,
    fields: { http_status: status, code },
  });
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConnectorError(`the token file ${path} cannot be read (${code})`, {
      area: 'config',
      hint: 'correct AWS_WEB_IDENTITY_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, and the rights of the file',
    });
  }
}

function instant(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}
