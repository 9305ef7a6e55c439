// Ready-made faults by their names in the lists of what goes wrong at Gong (G), Semarize (S) and on the network (N).
import { gzipSync } from 'node:zlib';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { Answer } from './exchange.ts';
import type { FaultAction } from './faults.ts';

const answer = (given: Answer, processed = false): FaultAction => ({ kind: 'answer', answer: given, processed });

export const faultAnswers = {
  /** G19–G21, S13: a 429. `retryAfter` is the header as it stands (or several of them), `bodySeconds` Semarize's value in the body. */
  tooManyRequests: (options: { retryAfter?: string | readonly string[]; bodySeconds?: number } = {}): FaultAction =>
    answer({
      status: 429,
      headers: options.retryAfter === undefined ? {} : { 'retry-after': options.retryAfter },
      json: {
        error: 'rate_limited',
        errors: ['Too many requests.'],
        ...(options.bodySeconds === undefined ? {} : { retry_after_seconds: options.bodySeconds }),
      },
    }),
  /** G30, S7, S14: any status with a body of the services' shape; `processed`: the work was done, its answer is lost. */
  status: (status: number, text: string, processed = false): FaultAction =>
    answer({ status, json: { error: text, errors: [text] } }, processed),
  /** G29, S13 of 502: what a proxy says. */
  html: (status: number, processed = false): FaultAction =>
    answer(
      { status, headers: { 'content-type': 'text/html' }, raw: '<!doctype html><title>Sign in</title><p>Sign in' },
      processed,
    ),
  otherJson: (json: JsonValue = { ok: true }): FaultAction => answer({ status: 200, json }),
  emptyBody: (status: number, processed = false): FaultAction => answer({ status, raw: '' }, processed),
  /** G6. */
  expiredCursor: (): FaultAction =>
    answer({ status: 400, json: { errors: ['The given cursor has expired, start again without one.'] } }),
  /** G23, N9. */
  redirect: (location: string, status = 302): FaultAction => answer({ status, headers: { location }, raw: '' }),
  /** N6: `bytes` of spaces that travel as about a thousandth of that. */
  gzipBomb: (bytes: number): FaultAction => {
    const member = gzipSync(Buffer.alloc(1_000_000, ' '));
    const raw = Buffer.concat(Array.from({ length: Math.ceil(bytes / 1_000_000) }, () => member));
    return answer({ status: 200, headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' }, raw });
  },
  /** G11: the answer's cursor is the one that was sent (or `constant`). */
  repeatedCursor: (constant?: string): FaultAction => ({
    kind: 'change',
    change: (body, request) => {
      const sent = isJsonObject(request.json) ? request.json['cursor'] : request.query.get('cursor');
      return withRecords(body, { cursor: constant ?? sent ?? 'first' });
    },
  }),
  /** G10: an empty page with a cursor, put in before the page that was asked for with a cursor: no call is lost. */
  emptyPage: (): FaultAction => ({
    kind: 'change',
    change: (body, request) => {
      const emptied = Object.entries(body).map(([key, value]) => [key, Array.isArray(value) ? [] : value] as const);
      const sent = isJsonObject(request.json) ? request.json['cursor'] : request.query.get('cursor');
      const cursor: JsonObject = typeof sent === 'string' ? { cursor: `${sent}.again` } : {};
      return withRecords(Object.fromEntries(emptied), { currentPageSize: 0, ...cursor });
    },
  }),
  /** G9, and G8 when it moves between pages. */
  totalRecords: (total: (right: number) => number): FaultAction => ({
    kind: 'change',
    change: (body) => {
      const records = body['records'];
      const right = isJsonObject(records) ? Number(records['totalRecords']) : 0;
      return withRecords(body, { totalRecords: total(right) });
    },
  }),
  /** G16: these calls are missing from the answer. */
  withoutCalls: (callIds: readonly string[]): FaultAction => ({
    kind: 'change',
    change: (body) => {
      const kept = Object.entries(body).map(
        ([key, value]) => [key, Array.isArray(value) ? value.filter((item) => !isOf(item, callIds)) : value] as const,
      );
      return Object.fromEntries(kept);
    },
  }),
};

function withRecords(body: JsonObject, changes: JsonObject): JsonObject {
  const records = isJsonObject(body['records']) ? body['records'] : {};
  return { ...body, records: { ...records, ...changes } };
}

function isOf(item: JsonValue, callIds: readonly string[]): boolean {
  if (!isJsonObject(item)) return false;
  const metaData = item['metaData'];
  const id = item['callId'] ?? item['id'] ?? (isJsonObject(metaData) ? metaData['id'] : undefined);
  return typeof id === 'string' && callIds.includes(id);
}
