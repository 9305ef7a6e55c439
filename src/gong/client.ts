// Gong's public API v2, as far as we use it. Every answer is checked against its question.
import type { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { sha256 } from '../core/hash.ts';
import type { JsonObject } from '../core/json.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpRequest } from '../http/request.ts';
import { errorsOf, oddAnswer, refusal } from './refusal.ts';
import {
  callsAnswerSchema,
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
  /** The page before it promised one, and Gong then said that nothing matched. */
  readonly isMissing?: boolean;
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
   * @throws ConnectorError with the reason `cursor_expired` (list the window again), `too_large` or `timeout` (list half of it).
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

/** An empty page with a cursor is not the end, but so many of them lead nowhere. */
const mostEmptyPages = 100;

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

  /**
   * Follows the cursor of a listing; every request of it is the same but for the cursor.
   * @param idsOf the ids on a page, by which a page that comes again is known
   */
  async function* pages<Schema extends z.ZodType<{ records: { cursor?: string | null | undefined } }>>(
    build: (cursor: string | undefined) => HttpRequest,
    schema: Schema,
    idsOf: (answer: z.output<Schema>) => readonly string[],
  ): AsyncGenerator<z.output<Schema>> {
    const asked = new Set<string>();
    const seen = new Set<string>();
    let emptyInARow = 0;
    for (let cursor: string | undefined; ; ) {
      const request = build(cursor);
      const answer = await ask(request, schema);
      if (answer === 'empty') return;
      const ids = idsOf(answer);
      emptyInARow = ids.length === 0 ? emptyInARow + 1 : 0;
      const page = sha256(ids.join());
      if ((ids.length > 0 && seen.has(page)) || emptyInARow > mostEmptyPages) throw endless(request, 'page');
      seen.add(page);
      yield answer;
      cursor = answer.records.cursor ?? '';
      if (cursor === '') return;
      if (asked.has(cursor)) throw endless(request, 'page cursor');
      asked.add(cursor);
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
      let isMore = false;
      for await (const { calls, records } of pages(build, callsAnswerSchema, callIdsOf)) {
        isMore = Boolean(records.cursor);
        yield { calls, totalRecords: records.totalRecords ?? undefined };
      }
      if (isMore) yield { calls: [], totalRecords: undefined, isMissing: true };
    },

    async getCalls(ids, signal) {
      const found = new Map<string, GongCall>();
      const build = (cursor: string | undefined) =>
        post(
          '/v2/calls/extensive',
          { ...(cursor === undefined ? {} : { cursor }), filter: { callIds: ids }, contentSelector },
          signal,
        );
      for await (const page of pages(build, callsAnswerSchema, callIdsOf))
        for (const call of page.calls) found.set(expectAsked(ids, call.metaData.id), call);
      return found;
    },

    async getTranscripts(ids, signal) {
      const found = new Map<string, GongTranscript>();
      const build = (cursor: string | undefined) =>
        post('/v2/calls/transcript', { ...(cursor === undefined ? {} : { cursor }), filter: { callIds: ids } }, signal);
      for await (const page of pages(build, transcriptsAnswerSchema, transcriptIdsOf))
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
      for await (const page of pages(build, usersAnswerSchema, ({ users: page }) => page.map(({ id }) => id)))
        for (const user of page.users) users.set(user.id, user);
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
    fields: { call_id: id.slice(0, 40) },
    hint: 'a proxy between here and Gong may mix up answers; run the same command again',
  });
}

function callIdsOf({ calls }: { calls: readonly GongCall[] }): string[] {
  return calls.map(({ metaData }) => metaData.id);
}

function transcriptIdsOf({ callTranscripts }: { callTranscripts: readonly GongTranscript[] }): string[] {
  return callTranscripts.map(({ callId }) => callId);
}

function endless(request: HttpRequest, what: string): ConnectorError {
  return new ConnectorError(`Gong repeats the same ${what}; the listing would never end.`, {
    area: 'service',
    fields: { route: `${request.method} ${request.path}` },
    hint: 'run the same command again later; if it stays, ask Gong support',
  });
}
