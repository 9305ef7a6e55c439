// Semarize's API, as far as we use it. Creating a run costs money: it happens in one place (send-intent.ts), under a key.
import { ConnectorError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { toCode } from '../core/vendor-values.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { errorSchema, type Run, runListSchema, runSchema } from './schemas.ts';

export interface RunAnswer {
  readonly run: Run;
  /** The run object as answered. */
  readonly raw: JsonObject;
  readonly retryAfterMs: number | undefined;
}

export type CreateAnswer =
  | { kind: 'run'; answer: RunAnswer }
  /** 409: the key was used for other content. `mayRepeat` as for `refused`. */
  | { kind: 'conflict'; mayRepeat: boolean }
  /** 400, 413, 422 and their kin: this input is not taken; no retry mends it. */
  | { kind: 'refused'; status: number; code: string; mayRepeat: boolean };

export interface CreateRequest {
  readonly key: string;
  readonly body: string;
  readonly kit: string;
  readonly version: string | null;
  /** For logs and errors. */
  readonly callId: string;
  /** Fired: no further try begins. */
  readonly noMoreTries?: AbortSignal;
  /** Fired: not even the answer of a try under way is awaited. */
  readonly signal?: AbortSignal;
}

export interface SemarizeClient {
  /**
   * POST /v1/runs with exactly these bytes, tried up to five times.
   * @throws ConnectorError of area `credentials` (401, 402, 403), `config` (no such kit, a redirect), `service`, `quota`; its
   * `mayRepeat` is false when Semarize certainly created nothing. StoppedError.
   */
  createRun(request: CreateRequest): Promise<CreateAnswer>;
  /** The run, or undefined when the server does not know it (404). */
  getRun(runId: string, signal?: AbortSignal): Promise<RunAnswer | undefined>;
  /**
   * The workspace's newest runs, at most 100; undefined when the answer has a form that we do not know. Costs nothing: also
   * the probe of `check` and of the breaker.
   */
  listRuns(limit: number, signal?: AbortSignal): Promise<Run[] | undefined>;
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
  return seconds === undefined || seconds === null ? undefined : seconds * 1000;
}

export function createSemarizeClient(http: HttpClient): SemarizeClient {
  return {
    async createRun({ key, body, callId, kit, version, noMoreTries, signal }) {
      const request: HttpRequest = {
        method: 'POST',
        path: '/v1/runs',
        body,
        headers: { 'idempotency-key': key },
        fields: { call_id: callId, kit },
        noMoreTries,
        signal,
        waitInBody,
        tries: createTries,
      };
      const answer = await http.request(request);
      const { status, mayRepeat } = answer;
      // Whether it was made now or long ago stands in the run object, not in the status.
      if (status === 200 || status === 201 || status === 202) return { kind: 'run', answer: parseRun(answer, request) };
      if (status === 409) return { kind: 'conflict', mayRepeat };
      if (status === 404) throw noKit(answer, request, kit, version);
      const concernsAll = status === 401 || status === 402 || status === 403 || status < 400;
      if (concernsAll) throw refusal(answer, request);
      return { kind: 'refused', status, code: codeOf(answer), mayRepeat };
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
      const parsed = parseRun(answer, request);
      if (parsed.run.run_id !== runId)
        throw new ConnectorError('Semarize answered with another run than the one asked for.', {
          area: 'service',
          fields: { run_id: runId },
          hint: 'a proxy between here and Semarize may mix up answers; run the same command again',
        });
      return parsed;
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
      return runListSchema.safeParse(answer.body).data;
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

function parseRun(answer: HttpAnswer, request: HttpRequest): RunAnswer {
  const { body, retryAfterMs } = answer;
  const run = runSchema.safeParse(body).data;
  if (run !== undefined && isJsonObject(body)) return { run, raw: body, retryAfterMs };
  throw new ConnectorError(
    `Semarize's answer to ${request.method} ${request.pathTemplate ?? request.path} has no run id or status.`,
    {
      area: 'service',
      // A run was probably made: its id is what we could not read.
      mayRepeat: true,
      fields: { http_status: answer.status, ...request.fields },
      hint: 'run the same command again later: the same key finds the same run',
    },
  );
}

function codeOf(answer: HttpAnswer): string {
  const code = errorSchema.safeParse(answer.body).data?.error;
  return code === undefined || code === null ? `status_${answer.status}` : toCode(code);
}

function noKit(answer: HttpAnswer, request: HttpRequest, kit: string, version: string | null): ConnectorError {
  const code = codeOf(answer);
  const versionText = version === null ? '' : ` in version ${version}`;
  return new ConnectorError(`Semarize knows no kit ${kit}${versionText} (${code}).`, {
    area: 'config',
    reason: 'no_kit',
    mayRepeat: answer.mayRepeat,
    fields: { http_status: answer.status, error: code, ...request.fields },
    hint: 'copy the kit code from Semarize into `kits` (the key must belong to the same workspace, and semarize_base_url be right), then run: gong-elt check',
  });
}

function refusal(answer: HttpAnswer, request: HttpRequest): ConnectorError {
  const code = codeOf(answer);
  const { mayRepeat } = answer;
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
  if (known) return new ConnectorError(known[0], { area: 'credentials', mayRepeat, fields, hint: known[1] });
  const isRedirect = answer.status >= 300 && answer.status < 400;
  return new ConnectorError(
    isRedirect
      ? `Semarize answered with a redirect (${answer.status}), which is never followed with a key.`
      : `Semarize refused ${request.method} ${request.pathTemplate ?? request.path} with status ${answer.status} (${code}).`,
    {
      area: isRedirect ? 'config' : 'service',
      mayRepeat,
      fields,
      hint: 'check semarize_base_url, then run: gong-elt check',
    },
  );
}
