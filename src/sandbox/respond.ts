// Puts an answer on the wire, rightly or as a fault wants it.
import type { ServerResponse } from 'node:http';
import type { Answer } from './exchange.ts';
import type { FaultAction } from './faults.ts';

/** Headers and bytes of an answer. */
function encode(answer: Answer): { headers: Record<string, string | string[]>; body: Buffer } {
  const raw = answer.raw ?? JSON.stringify(answer.json ?? {});
  const headers: Record<string, string | string[]> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(answer.headers ?? {}))
    headers[name] = typeof value === 'string' ? value : [...value];
  return { headers, body: typeof raw === 'string' ? Buffer.from(raw) : raw };
}

/** @param date the Date header, or undefined for none. */
export async function respond(
  response: ServerResponse,
  answer: Answer,
  date: string | undefined,
  fault: FaultAction | undefined,
): Promise<void> {
  response.sendDate = false;
  const { headers, body } = encode(answer);
  if (date !== undefined) headers['date'] = date;
  if (fault?.kind === 'truncate') return truncate(response, answer.status, headers, body, fault);
  if (fault?.kind === 'flood') return flood(response, headers, fault.bytes);
  response.writeHead(answer.status, { ...headers, 'content-length': String(body.length) });
  if (fault?.kind !== 'drip') {
    response.end(body);
    return;
  }
  for (let at = 0; at < body.length && !response.destroyed; at += fault.bytes) {
    response.write(body.subarray(at, at + fault.bytes));
    await pause(fault.everyMs);
  }
  response.end();
}

async function truncate(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | string[]>,
  body: Buffer,
  fault: Extract<FaultAction, { kind: 'truncate' }>,
): Promise<void> {
  const part = body.subarray(0, fault.atByte ?? Math.floor(body.length / 2));
  const { socket } = response;
  if (fault.form === 'close') {
    // HTTP/1.0 style: only the end of the connection ends the body, so half of it looks whole.
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    response.end(part);
    return;
  }
  response.writeHead(status, fault.form === 'length' ? { ...headers, 'content-length': String(body.length) } : headers);
  await new Promise<void>((resolve) => response.write(part, () => resolve()));
  socket?.destroy();
}

async function flood(
  response: ServerResponse,
  headers: Record<string, string | string[]>,
  bytes: number,
): Promise<void> {
  response.writeHead(200, headers);
  const chunk = Buffer.alloc(64 * 1024, ' ');
  for (let sent = 0; sent < bytes && !response.destroyed; sent += chunk.length)
    if (!response.write(chunk)) await drained(response);
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Real time: a fault of the network is slow whatever the sandbox's clock says. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
