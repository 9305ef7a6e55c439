// Group N: what the peer can do to one request. Servers are real sockets; only waiting is on a jumping clock.
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { StoppedError } from '../../src/core/errors.ts';
import { createLimiter } from '../../src/http/limiter.ts';
import { createVirtualClock } from '../../src/sandbox/clock.ts';
import { clientOf, get, good, listen, refusedWith, serve, serveBytes } from '../support/http-servers.ts';

describe('answers that break off', () => {
  test.each([
    ['N2 a reset', 'reset'],
    ['N4 a body shorter than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a": '],
    ['N4 a chunked body without its end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n{"a": \r\n'],
    ['N4 half a body that ends with the connection', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a": '],
    ['an empty 200', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ])('%s is tried again and never parsed as whole', async (_, first) => {
    let asked = 0;
    const port = await serveBytes((nth) => {
      asked += 1;
      return nth === 0 ? (first as 'reset') : good;
    });
    expect((await clientOf(port).request(get)).body).toEqual({ a: 1 });
    expect(asked).toBe(2);
  });

  test('N16 cut at each byte of a small answer, it is whole or an error', async () => {
    for (let at = 0; at < good.length; at++) {
      const port = await serveBytes(() => good.slice(0, at));
      const error = await refusedWith(clientOf(port).request(get));
      expect(error.area).toBe('service');
    }
  });

  test('N13 one layer repeats: three tries are three requests, and the error says so without the key', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.writeHead(503).end('busy');
    });
    const error = await refusedWith(clientOf(port).request(get));
    expect(asked).toBe(3);
    expect(error.message).toContain('in 3 tries');
    expect(JSON.stringify([error.message, error.fields, String((error as Error).cause)])).not.toContain('c2VjcmV0');
  });

  test('a 503 that asks for hours is no used-up quota, and is handed back at once with the time to come again', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.writeHead(503, { 'retry-after': '7200' }).end('maintenance');
    });
    const error = await refusedWith(clientOf(port).request(get));
    expect(asked).toBe(1);
    expect(error.message).toContain('not available (status 503); it asks to wait 2 h 0 min');
    expect(error.message).not.toContain('quota');
    expect(error.resumeAt).toBeDefined();
  });

  test('N12 an outage is not answered with a storm: retries are at most a tenth of the requests, and ten', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.writeHead(500).end();
    });
    const client = clientOf(port, { retry: { tries: 6, baseMs: 1, capMs: 1, maxWaitMs: 1000 } });
    await Promise.allSettled(Array.from({ length: 20 }, () => client.request(get)));
    expect(asked).toBeLessThanOrEqual(20 + 10 + Math.ceil(asked / 10));
  });
});

test.each([429, 503])('a %i to one request holds back all that go to this service', async (status) => {
  const clock = createVirtualClock(Date.parse('2026-03-02T08:00:00Z'), 'wait');
  const start = clock.now();
  const asked: number[] = [];
  const port = await serve((_, response) => {
    asked.push(clock.now() - start);
    if (asked.length === 1) response.writeHead(status, { 'retry-after': '7' }).end();
    else response.end('{"a": 1}');
  });
  let wait = () => {};
  const waits = new Promise<void>((resolve) => {
    wait = resolve;
  });
  const limiter = createLimiter({ service: 'Gong', requestsPerSecond: 1000, requestsPerDay: 1e9, clock });
  const client = clientOf(port, { clock, limiter, onWait: () => wait() });
  const first = client.request(get);
  await waits;
  // Far beyond the pace: only the wait can hold it back.
  clock.advance(6990);
  const second = client.request(get);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked).toEqual([0]);
  clock.advance(10);
  // Whoever goes first, the other keeps the pace behind it.
  const turn = setInterval(() => clock.advance(2), 5);
  await Promise.all([first, second]).finally(() => clearInterval(turn));
  expect(asked).toHaveLength(3);
  for (const at of asked.slice(1)) expect(at).toBeGreaterThanOrEqual(7000);
});

describe('slow and large', () => {
  test('N5 a body that drips is ended by the deadline over the whole request', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const error = await refusedWith(
      clientOf(port, { deadlineMs: 200, retry: { tries: 1, baseMs: 1, capMs: 1, maxWaitMs: 1 } }).request(get),
    );
    expect(error.reason).toBe('timeout');
  });

  test('N6 a compressed body that was not asked for is refused, however small it travels', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    const port = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect((await refusedWith(clientOf(port).request(get))).message).toContain('encoding gzip');
  });

  test('N7 a body beyond the cap is cut, and says that it was too large', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
      };
      response.on('drain', more);
      more();
    });
    expect((await refusedWith(clientOf(port, { bodyCapBytes: 1_000_000 }).request(get))).reason).toBe('too_large');
  });

  test('N8 headers without end are an error, not a crash', async () => {
    const port = await serveBytes(() => `HTTP/1.1 200 OK\r\n${'x-filler: 0123456789\r\n'.repeat(5000)}\r\n{}`);
    expect((await refusedWith(clientOf(port).request(get))).area).toBe('service');
  });
});

describe('where the key goes', () => {
  test.each([301, 302, 303, 307, 308])('N9 a %s is handed back, not followed', async (status) => {
    let elsewhere = 0;
    const other = await serve((_, response) => {
      elsewhere += 1;
      response.end('{}');
    });
    const port = await serve((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${other}/` }).end(),
    );
    expect((await clientOf(port).request(get)).status).toBe(status);
    expect(elsewhere).toBe(0);
  });

  test('C7 a host that was not listed may not lead into this network', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.end('{}');
    });
    const client = clientOf(port, { insideAllowed: false, baseUrl: new URL(`http://localhost:${port}`) });
    expect((await refusedWith(client.request(get))).message).toContain('EINSIDE');
    expect(asked).toBe(0);
  });
});

test('an abort ends the request at once and is not tried again', async () => {
  let asked = 0;
  const port = await serve(() => {
    asked += 1;
  });
  const controller = new AbortController();
  const request = clientOf(port).request({ ...get, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(request).rejects.toBeInstanceOf(StoppedError);
  expect(asked).toBe(1);
});

test('N3 a keep-alive connection that the peer has closed costs one more try, not the sync', async () => {
  let asked = 0;
  const server = createServer({ keepAliveTimeout: 1 }, (_, response) => {
    asked += 1;
    response.end('{"a": 1}');
  });
  const client = clientOf(await listen(server));
  for (let nth = 0; nth < 5; nth++) {
    expect((await client.request(get)).status).toBe(200);
    server.closeIdleConnections();
  }
  expect(asked).toBe(5);
});
