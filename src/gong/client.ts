// Gong's public API v2, as far as we use it. Every answer is checked against its question.
import type { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/client.ts';
import {
  callsAnswerSchema,
  errorAnswerSchema,
  type GongCall,
  type GongTranscript,
  type GongUser,
  transcriptsAnswerSchema,
  usersAnswerSchema,
} from './schemas.ts';

/** Most ids that one request may name: what is known to work (the API's own limit is not documented). */
export const idsPerRequest = 100;

export interface CallsPage {
  readonly calls: readonly GongCall[];
  /** Gong's own count for the whole listing; may be larger than what is returned (calls still processed). */
  readonly totalRecords: number | undefined;
}

export interface ListWindow {
  /** Milliseconds since the epoch, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
  readonly workspaceId?: string | undefined;
}

export interface GongClient {
  /**
   * Calls that start in the window, page by page, with CRM context of now and then. Nothing matched = no page.
   * @throws ConnectorError kind `retryable`, `fields.reason`: `cursor_expired` (list the window again), `too_large` or
   * `timeout` (list half of it).
   */
  listCalls(window: ListWindow, signal?: AbortSignal): AsyncGenerator<CallsPage>;
  /** Up to 100 calls by id; ids that are not answered are not in the map. */
  getCalls(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, GongCall>>;
  /** Transcripts of up to 100 calls; ids that are not answered are not in the map. */
  getTranscripts(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, GongTranscript>>;
  /** All users, by id. */
  getUsers(signal?: AbortSignal): Promise<Map<string, GongUser>>;
}

const contentSelector = {
  context: 'Extended',
  contextTiming: ['Now', 'TimeOfCall'],
  exposedFields: { parties: true },
};

/** The documented text of an empty filtered list. Any other 404 means a wrong host or path. */
const emptyListText = /\bno .*found corresponding to the provided filters/i;

export function createGongClient(http: HttpClient): GongClient {
  async function ask<Schema extends z.ZodType>(
    request: HttpRequest,
    schema: Schema,
  ): Promise<z.output<Schema> | 'empty'> {
    const answer = await http.request(request);
    if (answer.status === 404 && errorsOf(answer).some((text) => emptyListText.test(text))) return 'empty';
    if (answer.status !== 200) throw refusal(answer, request);
    const parsed = schema.safeParse(answer.body);
    if (!parsed.success) throw oddAnswer(request, answer, parsed.error);
    return parsed.data;
  }

  /** Follows the cursor of a listing; every request of it is the same but for the cursor. */
  async function* pages<Schema extends z.ZodType<{ records: { cursor?: string | null | undefined } }>>(
    build: (cursor: string | undefined) => HttpRequest,
    schema: Schema,
  ): AsyncGenerator<z.output<Schema>> {
    let cursor: string | undefined;
    for (;;) {
      const request = build(cursor);
      const answer = await ask(request, schema);
      if (answer === 'empty') return;
      yield answer;
      const next = answer.records.cursor ?? undefined;
      if (next === undefined || next === '') return;
      if (next === cursor)
        throw new ConnectorError('Gong repeats the same page cursor; the listing would never end.', {
          area: 'service',
          fields: { route: `${request.method} ${request.path}` },
          hint: 'run the same command again later; if it stays, ask Gong support',
        });
      cursor = next;
    }
  }

  return {
    async *listCalls(window, signal) {
      const filter = {
        fromDateTime: new Date(window.from).toISOString(),
        toDateTime: new Date(window.until).toISOString(),
        ...(window.workspaceId === undefined ? {} : { workspaceId: window.workspaceId }),
      };
      const build = (cursor: string | undefined) =>
        post('/v2/calls/extensive', { ...(cursor === undefined ? {} : { cursor }), filter, contentSelector }, signal);
      for await (const page of pages(build, callsAnswerSchema)) {
        yield { calls: page.calls, totalRecords: page.records.totalRecords ?? undefined };
      }
    },

    async getCalls(ids, signal) {
      const found = new Map<string, GongCall>();
      const build = (cursor: string | undefined) =>
        post(
          '/v2/calls/extensive',
          { ...(cursor === undefined ? {} : { cursor }), filter: { callIds: ids }, contentSelector },
          signal,
        );
      for await (const page of pages(build, callsAnswerSchema))
        for (const call of page.calls) found.set(expectAsked(ids, call.metaData.id), call);
      return found;
    },

    async getTranscripts(ids, signal) {
      const found = new Map<string, GongTranscript>();
      const build = (cursor: string | undefined) =>
        post('/v2/calls/transcript', { ...(cursor === undefined ? {} : { cursor }), filter: { callIds: ids } }, signal);
      for await (const page of pages(build, transcriptsAnswerSchema))
        for (const transcript of page.callTranscripts) found.set(expectAsked(ids, transcript.callId), transcript);
      return found;
    },

    async getUsers(signal) {
      const users = new Map<string, GongUser>();
      const build = (cursor: string | undefined): HttpRequest => ({
        method: 'GET',
        path: '/v2/users',
        ...(cursor === undefined ? {} : { query: { cursor } }),
        signal,
      });
      for await (const page of pages(build, usersAnswerSchema)) for (const user of page.users) users.set(user.id, user);
      return users;
    },
  };
}

function post(path: string, body: JsonObject | object, signal: AbortSignal | undefined): HttpRequest {
  return { method: 'POST', path, body: JSON.stringify(body), signal };
}

/** An id that was not asked for means that answers were crossed on the way: nothing of it may be used. */
function expectAsked(asked: readonly string[], id: string): string {
  if (asked.includes(id)) return id;
  throw new ConnectorError('Gong answered with a call that was not asked for.', {
    area: 'service',
    kind: 'retryable',
    fields: { call_id: id.slice(0, 40) },
    hint: 'a proxy between here and Gong may mix up answers; run the same command again',
  });
}

function errorsOf(answer: HttpAnswer): string[] {
  const parsed = errorAnswerSchema.safeParse(answer.body);
  return parsed.success ? parsed.data.errors : [];
}

/** A status that no retry mends, as an error for a person. Gong's own texts are short and hold no data of calls. */
export function refusal(answer: HttpAnswer, request: HttpRequest): ConnectorError {
  const errors = errorsOf(answer);
  const said = errors.length === 0 ? '' : ` It said: "${errors.join('; ').slice(0, 300)}"`;
  const fields = {
    http_status: answer.status,
    request_id: answer.requestId,
    route: `${request.method} ${request.path}`,
  };
  const scope = errors.map((text) => /permission to use '([\w:.-]+)'/.exec(text)?.[1]).find((name) => name);
  if (scope !== undefined)
    return new ConnectorError(`Gong refused ${fields.route}: the key lacks the scope ${scope} (401).`, {
      area: 'credentials',
      fields,
      hint: 'a Gong technical administrator adds the scope at app.gong.io/company/api-authentication, then run: gong-elt check',
    });
  if (answer.status === 401)
    return new ConnectorError('Gong answered 401. The key is wrong or revoked, or your company has its own API host.', {
      area: 'credentials',
      fields,
      hint: 'look both up at app.gong.io/company/api-authentication, set GONG_BASE_URL, then run: gong-elt check',
    });
  if (answer.status === 403)
    return new ConnectorError(
      'Gong answered 403. The key may be used from trusted addresses only, or access was withdrawn.',
      {
        area: 'credentials',
        fields: { ...fields, reason: 'forbidden' },
        hint: 'a Gong technical administrator adds this address to the trusted ones of the key (edits take up to 5 minutes)',
      },
    );
  if (answer.status === 400 && request.body?.includes('"cursor"')) {
    const expired = errors.some((text) => /cursor has expired/i.test(text));
    return new ConnectorError(expired ? 'The page cursor has expired.' : `Gong refused a page cursor.${said}`, {
      area: 'service',
      kind: 'retryable',
      fields: { ...fields, reason: 'cursor_expired' },
    });
  }
  if (answer.status === 404)
    return new ConnectorError(`Gong knows no ${fields.route} (404).${said}`, {
      area: 'config',
      fields,
      hint: 'the host is probably wrong: set GONG_BASE_URL to the API host shown at app.gong.io/company/api-authentication',
    });
  if (answer.status >= 300 && answer.status < 400)
    return new ConnectorError(`Gong answered with a redirect (${answer.status}), which is never followed with a key.`, {
      area: 'config',
      fields,
      hint: 'set GONG_BASE_URL to the API host shown at app.gong.io/company/api-authentication',
    });
  return new ConnectorError(`Gong refused ${fields.route} with status ${answer.status}.${said}`, {
    area: 'service',
    fields,
    hint: 'run: gong-elt check; if it stays, report it with the request id',
  });
}

function oddAnswer(request: HttpRequest, answer: HttpAnswer, error: z.ZodError): ConnectorError {
  // Paths only: the issues of zod can quote what they found.
  const places = error.issues.slice(0, 3).map((issue) => issue.path.map(String).join('.') || '(top)');
  return new ConnectorError(
    `Gong's answer to ${request.method} ${request.path} is not of the documented form (at ${places.join(', ')}).`,
    {
      area: 'service',
      fields: { http_status: answer.status, request_id: answer.requestId },
      hint: 'a proxy or a wrong host may answer in its place: check GONG_BASE_URL, then run: gong-elt check',
    },
  );
}
