// Semarize's API, as far as we use it. Creating a run costs money: it happens in one place (evaluate.ts), under a key.
import { ConnectorError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/client.ts';
import { errorSchema, type Run, runListSchema, runSchema } from './schemas.ts';

export type CreateAnswer =
  | { kind: 'run'; run: Run; retryAfterMs: number | undefined }
  /** 409: the key was used for other content. */
  | { kind: 'conflict' }
  /** 400, 413, 422 and their kin: this input is not taken; no retry mends it. */
  | { kind: 'refused'; status: number; code: string }
  /** No such kit (or version): nothing may be created for it. */
  | { kind: 'no_kit'; code: string };

export interface SemarizeClient {
  /**
   * POST /v1/runs with exactly these bytes. One try when `tries` is 1; the retry policy of the HTTP client otherwise.
   * @throws ConnectorError area `credentials` (401, 402, 403), `service`, `quota`; StoppedError.
   */
  createRun(key: string, body: string, fields: Record<string, string>, signal?: AbortSignal): Promise<CreateAnswer>;
  /** The run, or undefined when the server does not know it (404). */
  getRun(runId: string, signal?: AbortSignal): Promise<{ run: Run; retryAfterMs: number | undefined } | undefined>;
  /** The workspace's newest runs, at most 100. Costs nothing: also the probe of `check` and of the breaker. */
  listRuns(limit: number, signal?: AbortSignal): Promise<Run[]>;
  /** Status of GET /v1/kits/schema for a kit; its body is not documented. */
  probeKit(
    code: string,
    versionId: string | undefined,
    signal?: AbortSignal,
  ): Promise<{ status: number; code: string }>;
}

/** `retry_after_seconds` of an error body, as milliseconds. */
function waitInBody(body: JsonValue): number | undefined {
  const seconds = errorSchema.safeParse(body).data?.retry_after_seconds;
  return seconds === undefined || seconds === null || !(seconds >= 0) ? undefined : seconds * 1000;
}

export function createSemarizeClient(http: HttpClient): SemarizeClient {
  return {
    async createRun(key, body, fields, signal) {
      const request: HttpRequest = {
        method: 'POST',
        path: '/v1/runs',
        body,
        headers: { 'idempotency-key': key },
        fields,
        signal,
        waitInBody,
        tries: createTries,
      };
      const answer = await http.request(request);
      const code = codeOf(answer);
      if (answer.status === 200 || answer.status === 201 || answer.status === 202)
        return { kind: 'run', run: parseRun(answer, request), retryAfterMs: answer.retryAfterMs };
      if (answer.status === 409) return { kind: 'conflict' };
      if (answer.status === 404) return { kind: 'no_kit', code };
      throwIfRefusedForAll(answer, request);
      return { kind: 'refused', status: answer.status, code };
    },

    async getRun(runId, signal) {
      const request: HttpRequest = {
        method: 'GET',
        path: `/v1/runs/${encodeURIComponent(runId)}`,
        pathTemplate: '/v1/runs/{runId}',
        fields: { run_id: runId },
        signal,
        waitInBody,
      };
      const answer = await http.request(request);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200 && answer.status !== 202) throw refusal(answer, request);
      const run = parseRun(answer, request);
      if (run.run_id !== runId)
        throw new ConnectorError('Semarize answered with another run than the one asked for.', {
          area: 'service',
          kind: 'retryable',
          fields: { run_id: runId },
          hint: 'a proxy between here and Semarize may mix up answers; run the same command again',
        });
      return { run, retryAfterMs: answer.retryAfterMs };
    },

    async listRuns(limit, signal) {
      const request: HttpRequest = {
        method: 'GET',
        path: '/v1/runs',
        query: { limit: String(limit) },
        signal,
        waitInBody,
      };
      const answer = await http.request(request);
      if (answer.status !== 200) throw refusal(answer, request);
      const parsed = runListSchema.safeParse(answer.body);
      // The list is a help, never the truth: a form we do not know is an empty one.
      return parsed.success ? parsed.data : [];
    },

    async probeKit(code, versionId, signal) {
      const answer = await http.request({
        method: 'GET',
        path: '/v1/kits/schema',
        query: { kit_code: code, ...(versionId === undefined ? {} : { kit_version_id: versionId }) },
        signal,
        waitInBody,
      });
      return { status: answer.status, code: codeOf(answer) };
    },
  };
}

/** Attempts of one POST under one key. */
const createTries = 5;

function parseRun(answer: HttpAnswer, request: HttpRequest): Run {
  const parsed = runSchema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new ConnectorError(
    `Semarize's answer to ${request.method} ${request.pathTemplate ?? request.path} has no run id or status.`,
    {
      area: 'service',
      kind: 'retryable',
      fields: { http_status: answer.status, ...request.fields },
      hint: 'run the same command again later: the same key finds the same run',
    },
  );
}

function codeOf(answer: HttpAnswer): string {
  return errorSchema.safeParse(answer.body).data?.error?.slice(0, 100) ?? `status ${answer.status}`;
}

/** Refusals that hold for every run of this key. */
function throwIfRefusedForAll(answer: HttpAnswer, request: HttpRequest): void {
  if (answer.status === 401 || answer.status === 402 || answer.status === 403) throw refusal(answer, request);
  if (answer.status >= 300 && answer.status < 400) throw refusal(answer, request);
}

function refusal(answer: HttpAnswer, request: HttpRequest): ConnectorError {
  const code = codeOf(answer);
  const fields = { http_status: answer.status, error: code, ...request.fields };
  const credentials: Record<number, [string, string]> = {
    401: [
      `Semarize answered 401 (${code}). The key is wrong, expired or revoked.`,
      'make a key under Integration > API in Semarize, set SEMARIZE_API_KEY, then run: gong-elt check',
    ],
    402: [
      `Semarize answered 402 (${code}). The workspace may be out of credits.`,
      'add credits in Semarize, then run the same command again',
    ],
    403: [
      `Semarize answered 403 (${code}). The key may not do this.`,
      'check the role of the key’s owner in Semarize, then run: gong-elt check',
    ],
  };
  const known = credentials[answer.status];
  if (known) return new ConnectorError(known[0], { area: 'credentials', fields, hint: known[1] });
  const isRedirect = answer.status >= 300 && answer.status < 400;
  return new ConnectorError(
    isRedirect
      ? `Semarize answered with a redirect (${answer.status}), which is never followed with a key.`
      : `Semarize refused ${request.method} ${request.pathTemplate ?? request.path} with status ${answer.status} (${code}).`,
    { area: isRedirect ? 'config' : 'service', fields, hint: 'check SEMARIZE_BASE_URL, then run: gong-elt check' },
  );
}
