// One HTTP client for both vendors: auth for the configured origin only, a deadline, caps, pacing and the only retry loop.
import { request as undiciRequest } from 'undici';
import type { Clock } from '../core/clock.ts';
import { StoppedError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { toCode, toVendorId } from '../core/vendor-values.ts';
import { BodyTooLargeError, parseJson, readBody } from './body.ts';
import { createDispatcher, type ProxySettings } from './dispatcher.ts';
import { describeNetworkError, type FailedTry, gaveUp, tooLarge, waitTooLong, whereOf } from './giving-up.ts';
import type { Limiter } from './limiter.ts';
import type { HttpAnswer, HttpRequest } from './request.ts';
import { decideRetry, isRetryableStatus, parseRetryAfter, type RetryPolicy } from './retry.ts';

/** What every client of one process shares. */
export interface HttpEnvironment {
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Told before a wait that the other side asked for, when it is long enough to be noticed. */
  readonly onWait?: ((service: string, until: number) => void) | undefined;
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

export interface HttpClient {
  /**
   * One logical request: repeated as the retry policy says. A POST is repeated like a GET: callers POST only what reads, or
   * what carries an idempotency key.
   * @returns the answer for every status that is not retryable, 4xx included.
   * @throws ConnectorError area `quota` (asked to wait longer than we do), `service` (retries used up; with the reason
   * `too_large` or `timeout` where that was it), StoppedError when the signal fired.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The server's clock now, as far as its answers told; undefined before the first answer with a date. */
  serverNow(): number | undefined;
  close(): Promise<void>;
}

type Try = { answer: Omit<HttpAnswer, 'mayRepeat'> } | FailedTry;

const noticeableMs = 5000;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { clock, limiter, service, baseUrl, log } = options;
  const deadlineMs = options.deadlineMs ?? 120_000;
  const bodyCap = options.bodyCapBytes ?? 64 * 2 ** 20;
  const dispatcher = createDispatcher(options.proxy, options.insideAllowed);
  let serverDate: { at: number; date: number } | undefined;
  let requests = 0;
  let retries = 0;

  /** Retries are at most a tenth of all requests, and ten: an outage is not answered with a storm. */
  const mayRetry = () => retries < requests / 10 + 10;

  async function tryOnce(request: HttpRequest): Promise<Try> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
    const started = clock.monotonic();
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
      const status = response.statusCode;
      const date = parseDate(first(response.headers['date']));
      if (date !== undefined) serverDate = { at: clock.monotonic(), date };
      const encoding = first(response.headers['content-encoding']) ?? 'identity';
      const bytes = await readBody(response.body, bodyCap);
      const body = encoding === 'identity' ? parseJson(bytes) : undefined;
      const retryAfterMs = parseRetryAfter(first(response.headers['retry-after']), date, clock.now());
      const answer = {
        status,
        body,
        retryAfterMs,
        serverDate: date,
        requestId: toVendorId(first(response.headers['x-traceid'])) ?? requestIdOf(body),
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
        const type = toVendorId(first(response.headers['content-type'])?.split(';')[0]) ?? 'no content type';
        return {
          failure: {},
          reason: `an answer that is not whole JSON (${type}, ${bytes.length} bytes, encoding ${toCode(encoding)})`,
        };
      }
      return { answer };
    } catch (error) {
      if (request.signal?.aborted) throw new StoppedError('stopped', { cause: error });
      if (error instanceof BodyTooLargeError) throw tooLarge(service, request, bodyCap);
      if (!deadline.aborted) return { failure: {}, reason: describeNetworkError(error), cause: error };
      return { failure: {}, reason: `no whole answer within ${deadlineMs / 1000} s`, isTimeout: true, cause: error };
    }
  }

  return {
    async request(request) {
      const policy = request.tries === undefined ? options.retry : { ...options.retry, tries: request.tries };
      const stop = request.noMoreTries ?? request.signal;
      let mayRepeat = false;
      for (let attempt = 1; ; attempt++) {
        await takeSlot(limiter, stop, !mayRepeat);
        requests += 1;
        const outcome = await tryOnce(request);
        if ('answer' in outcome) return { ...outcome.answer, mayRepeat };
        mayRepeat ||= outcome.failure.status !== 429;
        const decision = decideRetry(outcome.failure, attempt, policy, options.random());
        if (!decision.retry && decision.waitMs !== undefined)
          throw waitTooLong(service, request, { ...outcome, mayRepeat }, decision.waitMs, clock.now());
        if (!decision.retry || !mayRetry())
          throw gaveUp(service, request, { ...outcome, mayRepeat }, attempt, clock.now());
        retries += 1;
        const { status } = outcome.failure;
        log(status === 429 ? 'info' : 'warn', `${service}: ${outcome.reason}; trying again`, {
          ...whereOf(request),
          attempt,
          wait_ms: Math.round(decision.delayMs),
        });
        if (decision.delayMs >= noticeableMs) options.onWait?.(service, clock.now() + decision.delayMs);
        // Too many requests or an overloaded service concern everybody who asks it.
        if (status === 429 || status === 503) limiter.pauseFor(decision.delayMs);
        else await sleep(decision.delayMs, stop, !mayRepeat);
      }
    },
    serverNow: () => (serverDate === undefined ? undefined : serverDate.date + (clock.monotonic() - serverDate.at)),
    close: () => dispatcher.close(),
  };

  async function sleep(ms: number, signal: AbortSignal | undefined, isUnsent: boolean): Promise<void> {
    try {
      await clock.sleep(ms, signal);
    } catch (error) {
      throw new StoppedError('stopped', { cause: error, isUnsent });
    }
  }
}

async function takeSlot(limiter: Limiter, signal: AbortSignal | undefined, isUnsent: boolean): Promise<void> {
  try {
    await limiter.take(signal);
  } catch (error) {
    if (signal?.aborted) throw new StoppedError('stopped', { cause: error, isUnsent });
    throw error;
  }
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
  return toVendorId(id);
}
