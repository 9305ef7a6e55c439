// An object store over a real socket: signatures are checked, conditions heeded, uploads in parts and lists in pages served. It can be
// told to misbehave as stores and networks do. Written apart from the product: it shares no line with src/store/bucket.
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: number;
  readonly meta: Readonly<Record<string, string>>;
}

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
  readonly meta: Readonly<Record<string, string>>;
  readonly begun: number;
}

export interface FakeS3 {
  readonly url: string;
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
  /** `PUT key` of each request that reached the store, in order. */
  readonly seen: string[];
  /** Access keys of the requests that were signed well. */
  readonly askedBy: Set<string>;
  readonly faults: Faults;
  close(): Promise<void>;
}

export interface Faults {
  /** If-None-Match and If-Match are not looked at; or only the latter is not. */
  ignoresConditions: boolean | 'if-match';
  /** Answers so, instead of doing it, as long as the function says a status. */
  refuse: (method: string, key: string, url: URL) => { status: number; code: string } | undefined;
  /** Does it, then drops the connection without an answer. */
  loseAnswer: (method: string, key: string, url: URL) => boolean;
  /** Keys that no list shows. */
  hidden: (key: string) => boolean;
  /** Milliseconds before each answer. */
  delayMs: number;
  /** Objects of a page. */
  pageSize: number;
  /** Region of the bucket. */
  region: string;
  /** What the store takes for now; undefined: it does not look. */
  now: number | undefined;
  /** Session tokens that have expired. */
  expired: Set<string>;
}

export const fakeKeys = { accessKeyId: 'AKIAFAKEFAKEFAKEFAKE', secretAccessKey: 'fakeSecret/fakeSecret+fakeSecret' };

/** @param bucket the only one there is */
export async function startFakeS3(bucket = 'lakes', secrets: Readonly<Record<string, string>> = {}): Promise<FakeS3> {
  const known: Record<string, string> = { [fakeKeys.accessKeyId]: fakeKeys.secretAccessKey, ...secrets };
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, Upload>();
  const seen: string[] = [];
  const askedBy = new Set<string>();
  const faults: Faults = {
    ignoresConditions: false,
    refuse: () => undefined,
    loseAnswer: () => false,
    hidden: () => false,
    delayMs: 0,
    pageSize: 1000,
    region: 'us-east-1',
    now: undefined,
    expired: new Set(),
  };
  let uploadNumber = 0;

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://store');
    const method = request.method ?? '';
    const [, asked = '', rawKey = ''] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
    const key = decodeURIComponent(rawKey);
    seen.push(`${method} ${key}${url.search}`);
    if (faults.delayMs > 0) await new Promise((done) => setTimeout(done, faults.delayMs));
    const problem = signatureProblem(request, url, body, known, faults);
    if (problem !== undefined) return fail(response, ...problem);
    askedBy.add(/Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (asked !== bucket) return fail(response, 404, 'NoSuchBucket');
    const refusal = faults.refuse(method, key, url);
    if (refusal !== undefined) return fail(response, refusal.status, refusal.code);
    const answer = act(method, key, url, request, body);
    if (faults.loseAnswer(method, key, url)) return void request.socket.resetAndDestroy();
    answer(response);
  });

  type Answer = (response: ServerResponse) => void;
  const failing =
    (status: number, code: string): Answer =>
    (response) =>
      fail(response, status, code);

  function conditionFails(key: string, request: IncomingMessage): Answer | undefined {
    if (faults.ignoresConditions === true) return undefined;
    const present = objects.get(key);
    if (request.headers['if-none-match'] === '*' && present !== undefined) return failing(412, 'PreconditionFailed');
    const wanted = faults.ignoresConditions === 'if-match' ? undefined : request.headers['if-match'];
    if (wanted !== undefined && present === undefined) return failing(404, 'NoSuchKey');
    if (wanted !== undefined && present?.etag !== wanted) return failing(412, 'PreconditionFailed');
    return undefined;
  }

  function store(key: string, body: Buffer, etag: string, meta: Readonly<Record<string, string>>): Answer {
    objects.set(key, { body, etag, modified: Date.now(), meta });
    return (response) => response.writeHead(200, { etag }).end();
  }

  function act(method: string, key: string, url: URL, request: IncomingMessage, body: Buffer): Answer {
    const query = url.searchParams;
    const uploadId = query.get('uploadId');
    if (key === '' && query.get('list-type') === '2') return list(query);
    if (key === '' && query.has('uploads'))
      return xml(
        `<ListMultipartUploadsResult>${[...uploads]
          .filter(([, upload]) => upload.key.startsWith(query.get('prefix') ?? ''))
          .map(
            ([id, upload]) =>
              `<Upload><Key>${escaped(upload.key)}</Key><UploadId>${id}</UploadId><Initiated>${new Date(upload.begun).toISOString()}</Initiated></Upload>`,
          )
          .join('')}</ListMultipartUploadsResult>`,
      );
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${++uploadNumber}`;
      uploads.set(id, { key, parts: new Map(), meta: metaOf(request), begun: Date.now() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    if (uploadId !== null) return part(method, key, uploadId, query, request, body);
    if (method === 'PUT') return conditionFails(key, request) ?? store(key, body, tag(body), metaOf(request));
    const found = objects.get(key);
    if (method === 'DELETE') {
      objects.delete(key);
      return (response) => response.writeHead(204).end();
    }
    if (found === undefined) return failing(404, 'NoSuchKey');
    return get(method, found, request);
  }

  function part(
    method: string,
    key: string,
    id: string,
    query: URLSearchParams,
    request: IncomingMessage,
    body: Buffer,
  ): Answer {
    const upload = uploads.get(id);
    if (upload === undefined || upload.key !== key) return failing(404, 'NoSuchUpload');
    if (method === 'DELETE') {
      uploads.delete(id);
      return (response) => response.writeHead(204).end();
    }
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return (response) => response.writeHead(200, { etag: tag(body) }).end();
    }
    const wanted = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
    const parts = wanted.map(([, number, etag]) => {
      const found = upload.parts.get(Number(number));
      return found !== undefined && tag(found) === etag?.replaceAll('&#34;', '"') ? found : undefined;
    });
    if (parts.length === 0 || parts.includes(undefined)) return failing(400, 'InvalidPart');
    const failed = conditionFails(key, request);
    if (failed !== undefined) return failed;
    uploads.delete(id);
    const whole = Buffer.concat(parts as Buffer[]);
    store(key, whole, `"${createHash('md5').update(whole).digest('hex')}-${parts.length}"`, upload.meta);
    return xml('<CompleteMultipartUploadResult/>');
  }

  function get(method: string, { body, etag, modified, meta }: StoredObject, request: IncomingMessage): Answer {
    const headers: Record<string, string> = { etag, 'last-modified': new Date(modified).toUTCString(), ...meta };
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && wanted !== etag) return failing(412, 'PreconditionFailed');
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from !== undefined && Number(from) >= body.length) return failing(416, 'InvalidRange');
    return (response) => {
      if (method === 'HEAD') return void response.writeHead(200, { ...headers, 'content-length': body.length }).end();
      if (from === undefined) return void response.writeHead(200, headers).end(body);
      const piece = body.subarray(Number(from), Number(to) + 1);
      const range = `bytes ${from}-${Number(from) + piece.length - 1}/${body.length}`;
      response.writeHead(206, { ...headers, 'content-range': range }).end(piece);
    };
  }

  function list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const after = query.get('continuation-token') ?? '';
    const rows: { at: string; text: string }[] = [];
    const groups = new Set<string>();
    for (const key of [...objects.keys()].sort()) {
      if (!key.startsWith(prefix) || faults.hidden(key)) continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      const group = cut < 0 ? undefined : key.slice(0, cut + 1);
      if (group !== undefined && groups.has(group)) continue;
      if (group !== undefined) groups.add(group);
      const { body, modified } = objects.get(key) as StoredObject;
      const text =
        group === undefined
          ? `<Contents><Key>${escaped(key)}</Key><LastModified>${new Date(modified).toISOString()}</LastModified><Size>${body.length}</Size></Contents>`
          : `<CommonPrefixes><Prefix>${escaped(group)}</Prefix></CommonPrefixes>`;
      rows.push({ at: group ?? key, text });
    }
    const left = rows.filter(({ at }) => at > after);
    const page = left.slice(0, faults.pageSize);
    const isTruncated = left.length > page.length;
    const next = isTruncated ? `<NextContinuationToken>${escaped(page.at(-1)?.at ?? '')}</NextContinuationToken>` : '';
    return xml(
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${isTruncated}</IsTruncated>${next}${page.map(({ text }) => text).join('')}</ListBucketResult>`,
    );
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    uploads,
    seen,
    askedBy,
    faults,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

const tag = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function xml(text: string): (response: ServerResponse) => void {
  return (response) =>
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
}

function fail(response: ServerResponse, status: number, code: string, more = ''): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${fakeKeys.accessKeyId}</Message>${more}</Error>`);
}

function metaOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name, String(value)]),
  );
}

type Problem = [status: number, code: string, more?: string];

/** Signature version 4, as AWS's manual tells it. */
function signatureProblem(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  known: Readonly<Record<string, string>>,
  faults: Faults,
): Problem | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, id, day, region, names, signature] = form.exec(request.headers.authorization ?? '') ?? [];
  if (id === undefined || day === undefined || region === undefined || names === undefined)
    return [403, 'AccessDenied'];
  const secret = known[id];
  if (secret === undefined) return [403, 'InvalidAccessKeyId'];
  if (region !== faults.region) return [400, 'AuthorizationHeaderMalformed', `<Region>${faults.region}</Region>`];
  const token = request.headers['x-amz-security-token'];
  if (token !== undefined && faults.expired.has(String(token))) return [400, 'ExpiredToken'];
  const sent = String(request.headers['x-amz-content-sha256']);
  if (createHash('sha256').update(body).digest('hex') !== sent) return [400, 'XAmzContentSHA256Mismatch'];
  const at = String(request.headers['x-amz-date']);
  const instant = Date.parse(at.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
  if (faults.now !== undefined && !(Math.abs(instant - faults.now) < 15 * 60_000)) return [403, 'RequestTimeTooSkewed'];
  const query = [...url.searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
  const path = decodeURIComponent(url.pathname).split('/').map(encode).join('/');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, path, query, headers.join(''), names, sent].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', at, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  const right = createHmac('sha256', signingKey).update(text).digest('hex');
  for (const name of ['if-match', 'if-none-match', 'x-amz-security-token'])
    if (request.headers[name] !== undefined && !names.split(';').includes(name)) return [403, 'AccessDenied'];
  return right === signature ? undefined : [403, 'SignatureDoesNotMatch'];
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
