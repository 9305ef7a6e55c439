// One HTTP client for both vendors: auth for the configured origin only, a deadline, caps, pacing and the only retry loop.
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as undiciRequest } from 'undici';
import type { Clock } from '../core/clock.ts';
import { ConnectorError, StoppedError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { lookupOutside } from './address.ts';
import { BodyTooLargeError, parseJson, readBody } from './body.ts';
import type { Limiter } from './limiter.ts';
import { decideRetry, type Failure, isRetryableStatus, parseRetryAfter, type RetryPolicy } from './retry.ts';

/** What every client of one process shares. */
export interface HttpEnvironment {
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly proxy?: ProxySettings | undefined;
  readonly userAgent: string;
}

export interface HttpClientOptions extends HttpEnvironment {
  /** Name for messages: `Gong`, `Semarize`. */
  readonly service: string;
  readonly baseUrl: URL;
  /** Value of the Authorization header; a secret. */
  readonly authorization: string;
  /** The host is one that the user listed: it may resolve to an inside address. */
  readonly insideAllowed: boolean;
  readonly limiter: Limiter;
  /** Milliseconds for one try, from the first byte sent to the last byte read. */
  readonly deadlineMs?: number;
  readonly bodyCapBytes?: number;
}

export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly no?: string | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The path without ids, for logs and errors; default: `path`. */
  readonly pathTemplate?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent exactly as given. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ids for logs and errors. */
  readonly fields?: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal | undefined;
  /** Overrides the number of tries. */
  readonly tries?: number;
  /** Reads a wait from an error body (Semarize's `retry_after_seconds`), in milliseconds. */
  readonly waitInBody?: (body: JsonValue) => number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON; undefined when the body is not whole JSON (only possible for statuses that are errors). */
  readonly body: JsonValue | undefined;
  readonly retryAfterMs: number | undefined;
  /** The server's clock at this answer, milliseconds since the epoch. */
  readonly serverDate: number | undefined;
  readonly requestId: string | undefined;
}

export interface HttpClient {
  /**
   * One logical request: repeated as the retry policy says. A POST is repeated like a GET: callers POST only what reads, or
   * what carries an idempotency key.
   * @returns the answer for every status that is not retryable, 4xx included.
   * @throws ConnectorError area `quota` (asked to wait longer than we do), `service` (retries used up; `fields.reason` is
   * `too_large` or `timeout` where that was it), StoppedError when the signal fired.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The server's clock now, as far as its answers told; undefined before the first answer with a date. */
  serverNow(): number | undefined;
  close(): Promise<void>;
}

type Try = { answer: HttpAnswer } | { failure: Failure; reason: string; cause?: unknown };

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { clock, limiter, service, baseUrl, log } = options;
  const deadlineMs = options.deadlineMs ?? 120_000;
  const bodyCap = options.bodyCapBytes ?? 64 * 2 ** 20;
  const dispatcher = createDispatcher(options);
  let serverDate: { at: number; date: number } | undefined;
  let requests = 0;
  let retries = 0;

  /** Retries are at most a tenth of all requests, and ten: an outage is not answered with a storm. */
  const mayRetry = () => retries < requests / 10 + 10;

  async function tryOnce(request: HttpRequest): Promise<Try> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
    const started = clock.monotonic();
    let status: number | undefined;
    try {
      const response = await undiciRequest(new URL(request.path, baseUrl), {
        method: request.method,
        dispatcher,
        signal,
        headersTimeout: deadlineMs,
        bodyTimeout: deadlineMs,
        ...(request.query ? { query: request.query } : {}),
        ...(request.body === undefined ? {} : { body: request.body }),
        headers: {
          accept: 'application/json',
          // Compressed bodies would need a cap of their own on what they grow to.
          'accept-encoding': 'identity',
          'user-agent': options.userAgent,
          authorization: options.authorization,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
      });
      status = response.statusCode;
      const date = parseDate(first(response.headers['date']));
      if (date !== undefined) serverDate = { at: clock.monotonic(), date };
      const encoding = first(response.headers['content-encoding']) ?? 'identity';
      const bytes = await readBody(response.body, bodyCap);
      const body = encoding === 'identity' ? parseJson(bytes) : undefined;
      const retryAfterMs = parseRetryAfter(first(response.headers['retry-after']), date, clock.now());
      const answer: HttpAnswer = {
        status,
        body,
        retryAfterMs,
        serverDate: date,
        requestId: first(response.headers['x-traceid']) ?? requestIdOf(body),
      };
      log('debug', `${service} answered`, {
        ...whereOf(request),
        http_status: status,
        request_id: answer.requestId,
        duration_ms: Math.round(clock.monotonic() - started),
      });
      if (isRetryableStatus(status)) {
        const inBody = body === undefined ? undefined : request.waitInBody?.(body);
        const wait = Math.max(retryAfterMs ?? 0, inBody ?? 0);
        return {
          failure: { status, retryAfterMs: wait || undefined },
          reason: `status ${status}`,
        };
      }
      if (status >= 200 && status < 300 && body === undefined) {
        const type = first(response.headers['content-type']) ?? 'no content type';
        return {
          failure: {},
          reason: `an answer that is not whole JSON (${type}, ${bytes.length} bytes, encoding ${encoding})`,
        };
      }
      return { answer };
    } catch (error) {
      if (request.signal?.aborted) throw new StoppedError('stopped', { cause: error });
      if (error instanceof BodyTooLargeError)
        throw new ConnectorError(
          `${service} sent more than ${Math.round(bodyCap / 2 ** 20)} MiB in one answer (${describe(request)}).`,
          { area: 'service', kind: 'retryable', fields: { ...whereOf(request), reason: 'too_large' } },
        );
      const reason = deadline.aborted ? `no whole answer within ${deadlineMs / 1000} s` : describeNetworkError(error);
      return { failure: {}, reason, cause: error };
    }
  }

  return {
    async request(request) {
      const policy = request.tries === undefined ? options.retry : { ...options.retry, tries: request.tries };
      for (let attempt = 1; ; attempt++) {
        await takeSlot(limiter, request.signal);
        requests += 1;
        const outcome = await tryOnce(request);
        if ('answer' in outcome) return outcome.answer;
        const decision = decideRetry(outcome.failure, attempt, policy, options.random());
        if (!decision.retry || !mayRetry())
          throw failed(request, outcome, attempt, 'waitMs' in decision ? decision.waitMs : undefined);
        retries += 1;
        const { status } = outcome.failure;
        log(status === 429 ? 'info' : 'warn', `${service}: ${outcome.reason}; trying again`, {
          ...whereOf(request),
          attempt,
          wait_ms: Math.round(decision.delayMs),
        });
        // Too many requests or an overloaded service concern everybody who asks it.
        if (status === 429 || status === 503) limiter.pauseFor(decision.delayMs);
        else await sleep(decision.delayMs, request.signal);
      }
    },
    serverNow: () => (serverDate === undefined ? undefined : serverDate.date + (clock.monotonic() - serverDate.at)),
    close: () => dispatcher.close(),
  };

  async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await clock.sleep(ms, signal);
    } catch (error) {
      throw new StoppedError('stopped', { cause: error });
    }
  }

  function failed(request: HttpRequest, outcome: Exclude<Try, { answer: HttpAnswer }>, tries: number, waitMs?: number) {
    const fields = { ...whereOf(request), attempt: tries, http_status: outcome.failure.status };
    if (waitMs !== undefined) {
      const resumeAt = clock.now() + waitMs;
      return new ConnectorError(`${service}'s quota is used up; it asks to wait ${formatWait(waitMs)}.`, {
        area: 'quota',
        kind: 'retryable',
        fields,
        retryAfterMs: waitMs,
        resumeAt,
        hint: `run the same command after ${new Date(resumeAt).toISOString().slice(0, 16)}Z`,
      });
    }
    return new ConnectorError(
      `${service} gave no good answer to ${describe(request)} in ${tries} tries: ${outcome.reason}.`,
      {
        area: outcome.failure.status === 429 ? 'quota' : 'service',
        kind: 'retryable',
        fields: { ...fields, reason: /no whole answer/.test(outcome.reason) ? 'timeout' : undefined },
        retryAfterMs: outcome.failure.retryAfterMs,
        ...(outcome.failure.status === 429
          ? { resumeAt: clock.now() + Math.max(outcome.failure.retryAfterMs ?? 0, 60_000) }
          : {}),
        hint: 'run the same command again later; what was read is safe',
        cause: outcome.cause,
      },
    );
  }
}

async function takeSlot(limiter: Limiter, signal: AbortSignal | undefined): Promise<void> {
  try {
    await limiter.take(signal);
  } catch (error) {
    if (signal?.aborted) throw new StoppedError('stopped', { cause: error });
    throw error;
  }
}

function createDispatcher(options: HttpClientOptions): Dispatcher {
  const connect = {
    timeout: 15_000,
    // Set, so that no environment variable can switch verification off.
    rejectUnauthorized: true,
    ...(options.insideAllowed ? {} : { lookup: lookupOutside }),
  };
  const shared = { connect, maxHeaderSize: 32_768, keepAliveTimeout: 10_000, pipelining: 1 };
  const { proxy } = options;
  if (proxy?.http === undefined && proxy?.https === undefined) return new Agent(shared);
  return new EnvHttpProxyAgent({
    ...shared,
    ...(proxy.http === undefined ? {} : { httpProxy: proxy.http }),
    ...(proxy.https === undefined ? {} : { httpsProxy: proxy.https }),
    noProxy: proxy.no ?? '',
  });
}

function whereOf(request: HttpRequest) {
  return { ...request.fields, route: describe(request) };
}

function describe(request: HttpRequest): string {
  return `${request.method} ${request.pathTemplate ?? request.path}`;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function parseDate(value: string | undefined): number | undefined {
  const date = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? undefined : date;
}

function requestIdOf(body: JsonValue | undefined): string | undefined {
  const id = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as JsonObject)['requestId'] : '';
  return typeof id === 'string' && id !== '' ? id.slice(0, 100) : undefined;
}

/** Name and code only: messages of network errors may hold addresses of proxies with credentials. */
function describeNetworkError(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const { code: causeCode } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown };
  return `the connection failed (${String(causeCode ?? code ?? name ?? 'unknown')})`;
}

/** Milliseconds in words: `4 h 12 min`. */
function formatWait(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
