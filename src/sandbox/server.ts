// One HTTP server for both services: reads a request, notes it, asks the service, plays the fault, answers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { type Answer, findPlace, type Place, type SandboxRequest, type Service } from './exchange.ts';
import type { FaultAction, FaultReader } from './faults.ts';
import type { LedgerWriter } from './ledger.ts';
import { pause, respond } from './respond.ts';
import type { SandboxSettings } from './settings.ts';

export type ServiceAnswer = (request: SandboxRequest, place: Place) => Answer;

export interface ServerOptions {
  readonly clock: Clock;
  readonly settings: SandboxSettings;
  readonly faults: FaultReader;
  readonly ledger: LedgerWriter;
  readonly services: Readonly<Record<Service, ServiceAnswer>>;
}

export interface RunningServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  close(): Promise<void>;
}

const maxBodyBytes = 64 * 1024 * 1024;

/** @throws when the port is taken. */
export async function startServer(options: ServerOptions, port: number): Promise<RunningServer> {
  const answerRequest = createAnswering(options);
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 60_000, headersTimeout: 20_000 });
  server.on('request', (request, response) => {
    answerRequest(request, response).catch((error: unknown) => {
      // A client that hung up is its own affair; anything else is our bug, and the client must not wait for it.
      if (!request.destroyed && !response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function createAnswering(
  options: ServerOptions,
): (incoming: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { clock, settings, ledger } = options;
  /** The last answer of each route, for crossed ones. */
  const lastAnswers = new Map<string, Answer>();

  const askService = (request: SandboxRequest, place: Place): Answer => {
    if (request.service === undefined) return { status: 404, json: { error: 'not_found', errors: ['not found'] } };
    const answer = options.services[request.service](request, place);
    lastAnswers.set(request.route, answer);
    return answer;
  };

  return async (incoming, response) => {
    const body = await readBody(incoming);
    const url = new URL(incoming.url ?? '/', 'http://sandbox');
    const method = incoming.method ?? 'GET';
    const place = findPlace(method, url.pathname);
    const request: SandboxRequest = {
      service: place.service,
      method,
      route: place.route,
      path: url.pathname,
      id: place.id,
      query: url.searchParams,
      headers: incoming.headers,
      body: body ?? Buffer.alloc(0),
      json: body && parseJson(body),
      atMs: clock.now(),
    };
    const entry = ledger.record(request);
    const date = dateHeader(settings, clock);
    if (!body) {
      entry.status = 413;
      return respond(
        response,
        { status: 413, json: { error: 'payload_too_large', errors: ['too large'] } },
        date,
        undefined,
      );
    }
    const fault = options.faults.take(request);
    entry.fault = fault?.kind;
    const before = lastAnswers.get(request.route);
    const right = isUnprocessed(fault) ? undefined : askService(request, place);
    if (fault?.kind === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'delay') await pause(fault.ms);
    const answer = chooseAnswer(fault, right, before, request);
    entry.status = answer.status;
    await respond(response, answer, date, fault);
  };
}

/** Is the request lost before the service sees it? */
function isUnprocessed(fault: FaultAction | undefined): boolean {
  const losesAnswer = fault?.kind === 'answer' || fault?.kind === 'reset' || fault?.kind === 'silence';
  return (losesAnswer && fault.processed !== true) || fault?.kind === 'flood';
}

function chooseAnswer(
  fault: FaultAction | undefined,
  right: Answer | undefined,
  before: Answer | undefined,
  request: SandboxRequest,
): Answer {
  if (fault?.kind === 'answer') return fault.answer;
  const answer = right ?? { status: 200 };
  if (fault?.kind === 'crossed') return before ?? answer;
  if (fault?.kind !== 'change' || !isJsonObject(answer.json)) return answer;
  return { ...answer, json: fault.change(answer.json, request) };
}

function dateHeader(settings: SandboxSettings, clock: Clock): string | undefined {
  if (settings.dateHeader === 'none') return undefined;
  return new Date(clock.now() + (settings.dateHeader === 'clock' ? 0 : settings.dateHeader)).toUTCString();
}

/** Undefined: larger than the cap; the rest is read and dropped. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

function parseJson(body: Buffer): JsonValue | undefined {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}
