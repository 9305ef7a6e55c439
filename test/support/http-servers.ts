// Small servers that misbehave, and the client that meets them.
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../src/http/client.ts';
import { createLimiter } from '../../src/http/limiter.ts';
import { createVirtualClock } from '../../src/sandbox/clock.ts';

/** What must stand in no error and no log. */
export const canary = 'Basic c2VjcmV0OmNhbmFyeQ==';

/** A client as the product makes it, with three tries, whose waits pass at once. */
export function clientOf(port: number, options: Partial<HttpClientOptions> = {}): HttpClient {
  const clock = createVirtualClock(Date.parse('2026-03-02T08:00:00Z'));
  const client = createHttpClient({
    service: 'Gong',
    baseUrl: new URL(`http://127.0.0.1:${port}`),
    authorization: canary,
    insideAllowed: true,
    limiter: createLimiter({ service: 'Gong', requestsPerSecond: 1000, requestsPerDay: 1e9, clock }),
    retry: { tries: 3, baseMs: 1000, capMs: 60_000, maxWaitMs: 900_000 },
    clock,
    random: () => 0.5,
    log: () => {},
    userAgent: 'test',
    deadlineMs: 5000,
    ...options,
  });
  onTestFinished(() => client.close().catch(() => {}));
  return client;
}

/** The port; closed after the test. */
export async function listen<S extends Server | NetServer>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        if ('closeAllConnections' in server) server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return (server.address() as { port: number }).port;
}

export const serve = (listener: RequestListener) => listen(createServer(listener));

/** Answers each request on a bare socket with these bytes, then ends the connection. */
export const serveBytes = (bytes: (nth: number) => string | Buffer | 'reset') => {
  let requests = 0;
  return listen(
    createNetServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const answer = bytes(requests++);
        if (answer === 'reset') socket.resetAndDestroy();
        else socket.end(answer);
      });
    }),
  );
};

export const get = { method: 'GET', path: '/v2/x' } as const;
export const good = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{"a": 1}';

export async function refusedWith(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(error)}`);
  return error;
}
