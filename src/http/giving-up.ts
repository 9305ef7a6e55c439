// The errors with which the client gives up on a request, and what they may say of it: no header, no body, no query.
import { ConnectorError } from '../core/errors.ts';
import type { HttpRequest } from './request.ts';
import type { Failure } from './retry.ts';

/** How one try ended that brought no answer to hand back. */
export interface FailedTry {
  readonly failure: Failure;
  readonly reason: string;
  readonly isTimeout?: boolean;
  readonly cause?: unknown;
}

/** The last of all tries, and whether any of them may have been carried out at the other side. */
export type LastTry = FailedTry & { readonly mayRepeat: boolean };

export function whereOf(request: HttpRequest) {
  return { ...request.fields, route: describeRequest(request) };
}

export function describeRequest(request: HttpRequest): string {
  return `${request.method} ${request.pathTemplate ?? request.path}`;
}

/** Tried as often as we try. */
export function gaveUp(
  service: string,
  request: HttpRequest,
  { failure, reason, isTimeout, cause, mayRepeat }: LastTry,
  tries: number,
  now: number,
): ConnectorError {
  const isRefused = failure.status === 429;
  return new ConnectorError(
    `${service} gave no good answer to ${describeRequest(request)} in ${tries} tries: ${reason}.`,
    {
      area: isRefused ? 'quota' : 'service',
      reason: isTimeout ? 'timeout' : undefined,
      mayRepeat,
      fields: { ...whereOf(request), attempt: tries, http_status: failure.status },
      ...(isRefused ? { resumeAt: now + Math.max(failure.retryAfterMs ?? 0, 60_000) } : {}),
      hint: hintOf(cause) ?? 'run the same command again later; what was read is safe',
      cause,
    },
  );
}

/** Asked to wait longer than a sync waits. */
export function waitTooLong(
  service: string,
  request: HttpRequest,
  { failure, reason, mayRepeat }: LastTry,
  waitMs: number,
  now: number,
): ConnectorError {
  const what = failure.status === 429 ? `${service}'s quota is used up` : `${service} is not available (${reason})`;
  const resumeAt = now + waitMs;
  return new ConnectorError(`${what}; it asks to wait ${formatWait(waitMs)}.`, {
    area: 'quota',
    mayRepeat,
    fields: { ...whereOf(request), http_status: failure.status },
    resumeAt,
    hint: `run the same command after ${new Date(resumeAt).toISOString().slice(0, 16)}Z`,
  });
}

export function tooLarge(service: string, request: HttpRequest, capBytes: number): ConnectorError {
  return new ConnectorError(
    `${service} sent more than ${Math.round(capBytes / 2 ** 20)} MiB in one answer (${describeRequest(request)}).`,
    { area: 'service', reason: 'too_large', fields: whereOf(request) },
  );
}

/** Name and code only: messages of network errors may hold addresses of proxies with credentials. */
export function describeNetworkError(error: unknown): string {
  return `the connection failed (${codeOf(error)})`;
}

function codeOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? code ?? name ?? 'unknown');
}

/** Where waiting does not help. */
function hintOf(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (/CERT|ISSUER|LEAF_SIGNATURE/.test(code))
    return 'if a proxy of your company opens the connection, put its certificate authority into a file and name it in NODE_EXTRA_CA_CERTS';
  if (code === 'EINSIDE') return 'if the host is meant to be inside your network, list it in allowed_hosts';
  if (code === 'ENOTFOUND') return 'check the name of the host, and the resolver of this machine';
  return undefined;
}

/** Milliseconds in words: `4 h 12 min`. */
function formatWait(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
