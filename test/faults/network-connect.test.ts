// Group N: getting a connection at all: names, addresses, certificates, proxies.
import dns from 'node:dns';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { canary, clientOf, get, listen, refusedWith, serve } from '../support/http-servers.ts';
import { makeSelfSigned } from '../support/self-signed.ts';

const once = { tries: 1, baseMs: 1, capMs: 1, maxWaitMs: 1 };

afterEach(() => vi.restoreAllMocks());

describe('names and addresses', () => {
  // What Node's sockets ask; no part of ours.
  type Answer = (callback: (error: Error | null, addresses?: dns.LookupAddress[]) => void) => void;
  const scriptResolver = (...answers: Answer[]) =>
    vi.spyOn(dns, 'lookup').mockImplementation(((_: string, __: unknown, callback: never) => {
      (answers.length > 1 ? answers.shift() : answers[0])?.(callback);
    }) as never);

  const failing: Answer = (callback) => callback(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }));

  test('N1 a resolver that fails and then works costs one more try', async () => {
    const port = await serve((_, response) => response.end('{"a": 1}'));
    const resolver = scriptResolver(failing, (callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    const client = clientOf(port, { baseUrl: new URL(`http://gong.example:${port}`) });
    expect((await client.request(get)).body).toEqual({ a: 1 });
    expect(resolver).toHaveBeenCalledTimes(2);
  });

  test('N1 a resolver that never answers ends in an error that names its code', async () => {
    scriptResolver(failing);
    const error = await refusedWith(clientOf(1, { baseUrl: new URL('http://gong.example:1') }).request(get));
    expect(error.area).toBe('service');
    expect(error.message).toContain('in 3 tries');
    expect(error.message).toContain('EAI_AGAIN');
  });

  test('N15 an address that is dead does not keep the request from the one that lives', async () => {
    const port = await serve((_, response) => response.end('{"a": 1}'));
    scriptResolver((callback) =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]),
    );
    const client = clientOf(port, { baseUrl: new URL(`http://gong.example:${port}`), retry: once });
    expect((await client.request(get)).body).toEqual({ a: 1 });
  });

  test('N2 a refused connection is tried again, then named', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const error = await refusedWith(clientOf(port).request(get));
    expect(error.message).toMatch(/in 3 tries: the connection failed \(ECONNREFUSED\)/);
  });

  test('N2 a server that takes the request and never answers is left at the deadline, and asked again', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      if (asked > 1) response.end('{"a": 1}');
    });
    expect((await clientOf(port, { deadlineMs: 200 }).request(get)).body).toEqual({ a: 1 });
    expect(asked).toBe(2);
  });

  test('N2 a peer that speaks no TLS is an error, not a wait', async () => {
    const port = await serve((_, response) => response.end('{}'));
    const error = await refusedWith(clientOf(port, { baseUrl: new URL(`https://127.0.0.1:${port}`) }).request(get));
    expect(error.area).toBe('service');
  });
});

/** A proxy that opens tunnels and notes for whom. */
async function startProxy(): Promise<{ port: number; tunnels: string[]; credentials: string[] }> {
  const [tunnels, credentials]: [string[], string[]] = [[], []];
  const proxy: Server = createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    credentials.push(request.headers['proxy-authorization'] ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return { port: await listen(proxy), tunnels, credentials };
}

describe('certificates', () => {
  const good = makeSelfSigned('localhost', Date.parse('2100-01-01T00:00:00Z'));

  async function startTls(certificate = good) {
    const seen: string[] = [];
    const server = createHttpsServer(certificate, (request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.end('{}');
    });
    return { port: await listen(server), seen };
  }

  test('the certificate of these tests is a good one, for who trusts it', async () => {
    const { port } = await startTls();
    const status = await new Promise((resolve, reject) => {
      httpsRequest({ host: 'localhost', port, ca: good.cert }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test.each([
    ['', undefined],
    [', also when the environment switches the check off', '0'],
  ])('N10 a certificate that nobody vouches for is refused%s; the key never leaves', async (_, variable) => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    if (variable !== undefined) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = variable;
    const { port, seen } = await startTls();
    const proxy = await startProxy();
    const baseUrl = new URL(`https://localhost:${port}`);
    const direct = clientOf(port, { baseUrl, retry: once });
    const proxied = clientOf(port, { baseUrl, retry: once, proxy: { https: `http://127.0.0.1:${proxy.port}` } });
    for (const client of [direct, proxied]) {
      const error = await refusedWith(client.request(get));
      expect(error.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
      expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
    }
    // The second one did go through the proxy.
    expect(proxy.tunnels).toEqual([`localhost:${port}`]);
    expect(seen).toEqual([]);
  });

  test('N10 an expired certificate is refused by name', async () => {
    const { port, seen } = await startTls(makeSelfSigned('localhost', Date.parse('2021-01-01T00:00:00Z')));
    const client = clientOf(port, { baseUrl: new URL(`https://localhost:${port}`), retry: once });
    expect((await refusedWith(client.request(get))).message).toContain('CERT_HAS_EXPIRED');
    expect(seen).toEqual([]);
  });
});

describe('proxies', () => {
  test('N11 a proxy is used when one is set, and its credentials are in no error', async () => {
    const target = await serve((_, response) => response.end('{"by": "target"}'));
    const proxy = await startProxy();
    const url = `http://user:proxycanary@127.0.0.1:${proxy.port}`;
    const client = clientOf(target, { proxy: { http: url } });
    expect((await client.request(get)).body).toEqual({ by: 'target' });
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:proxycanary').toString('base64')}`]);
    const broken = clientOf(target, { proxy: { http: `http://user:proxycanary@127.0.0.1:1` } });
    const error = await refusedWith(broken.request(get));
    expect(`${error.message} ${JSON.stringify(error.fields)}`).not.toContain('proxycanary');
    expect(`${error.message} ${JSON.stringify(error.fields)}`).not.toContain(canary);
  });

  test('N11 a host that is named in no_proxy is asked directly', async () => {
    const target = await serve((_, response) => response.end('{"by": "target"}'));
    const proxy = await startProxy();
    const client = clientOf(target, { proxy: { http: `http://127.0.0.1:${proxy.port}`, no: '127.0.0.1' } });
    expect((await client.request(get)).body).toEqual({ by: 'target' });
    expect(proxy.tunnels).toEqual([]);
  });
});
