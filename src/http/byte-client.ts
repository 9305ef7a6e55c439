// The client for services whose requests are signed and whose bodies are bytes: an object store. Deadline, caps, pacing and the
// decision to try again are those of the other client.
import type { Readable } from 'node:stream';
import { request as undiciRequest } from 'undici';
import { StoppedError } from '../core/errors.ts';
import { readBody } from './body.ts';
import type { HttpEnvironment } from './client.ts';
import { createDispatcher } from './dispatcher.ts';
import { describeNetworkError } from './giving-up.ts';
import { createLimiter } from './limiter.ts';
import { decideRetry, type Failure, isRetryableStatus, parseRetryAfter } from './retry.ts';

export interface ByteRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable | undefined;
}

export interface ByteAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

export interface ByteClient {
  /**
   * One logical request, repeated while it gets no whole answer, or one that says to come again.
   * @param prepare makes each try anew: a signature holds the time, and a stream is read once
   * @returns the last answer, whatever its status
   * @throws NoAnswerError when the last try got none, StoppedError when the signal fired
   */
  send(prepare: () => Promise<ByteRequest>, options: SendOptions): Promise<ByteAnswer>;
  close(): Promise<void>;
}

export interface SendOptions {
  /** For logs: the method, and what it is about. */
  readonly about: string;
  /** Bytes that go up or come down: with them the deadline grows. */
  readonly bytes?: number;
  /** Of a body; default 16 MiB. */
  readonly capBytes?: number;
  /** Answers beyond the usual ones that are worth another try. */
  readonly retries?: (answer: ByteAnswer) => boolean;
}

/** The connection broke, or nothing whole came in time. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export interface ByteClientOptions extends HttpEnvironment {
  readonly service: string;
  /** The person named the host: it may be inside the network. */
  readonly insideAllowed: boolean;
  /** Milliseconds for a try without a body to speak of; default 60 s. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Who is slower than this, bytes a millisecond, is given up. */
const slowest = 100;
const defaultCap = 16 * 2 ** 20;

export function createByteClient(options: ByteClientOptions): ByteClient {
  const { service, clock, log, signal, deadlineMs = 60_000 } = options;
  const dispatcher = createDispatcher(options.proxy, options.insideAllowed);
  const limiter = createLimiter({
    service,
    requestsPerSecond: 1000,
    requestsPerDay: Number.POSITIVE_INFINITY,
    clock,
  });

  async function tryOnce(request: ByteRequest, { bytes = 0, capBytes = defaultCap }: SendOptions): Promise<ByteAnswer> {
    const deadline = AbortSignal.timeout(Math.ceil(deadlineMs + bytes / slowest));
    try {
      const { statusCode, headers, body } = await undiciRequest(request.url, {
        method: request.method,
        dispatcher,
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        headersTimeout: 0,
        bodyTimeout: 0,
        ...(request.body === undefined ? {} : { body: request.body }),
        headers: { 'user-agent': options.userAgent, ...request.headers },
      });
      const header = (name: string) => {
        const value = headers[name];
        return Array.isArray(value) ? value[0] : value;
      };
      return { status: statusCode, header, body: await readBody(body, capBytes) };
    } catch (error) {
      if (signal?.aborted) throw new StoppedError('stopped', { cause: error });
      const reason = deadline.aborted ? 'no whole answer in time' : describeNetworkError(error);
      throw new NoAnswerError(reason, { cause: error });
    }
  }

  return {
    async send(prepare, send) {
      for (let attempt = 1; ; attempt++) {
        await limiter.take(signal);
        const answer = await tryOnce(await prepare(), send).catch((error: unknown) => {
          if (error instanceof NoAnswerError) return error;
          throw error;
        });
        const failure = failureOf(answer, send, clock.now());
        if (failure === undefined) return answer as ByteAnswer;
        const decision = decideRetry(failure, attempt, options.retry, options.random());
        if (!decision.retry) {
          if (answer instanceof NoAnswerError) throw answer;
          return answer;
        }
        const reason = answer instanceof NoAnswerError ? answer.message : `status ${answer.status}`;
        log('debug', `${service}: ${reason}; trying again`, { request: send.about, attempt });
        // Whoever is overloaded is so for everybody who asks.
        if (failure.status === 503 || failure.status === 429) limiter.pauseFor(decision.delayMs);
        else await clock.sleep(decision.delayMs, signal);
      }
    },
    close: () => dispatcher.close(),
  };
}

function failureOf(answer: ByteAnswer | NoAnswerError, { retries }: SendOptions, now: number): Failure | undefined {
  if (answer instanceof NoAnswerError) return {};
  const retryAfterMs = parseRetryAfter(answer.header('retry-after'), undefined, now);
  if (isRetryableStatus(answer.status)) return { status: answer.status, retryAfterMs };
  return retries?.(answer) ? { retryAfterMs } : undefined;
}
