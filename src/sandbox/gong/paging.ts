// Pages of a list: `records` as Gong writes it, the empty-result 404, and cursors that run out.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Answer, SandboxRequest } from '../exchange.ts';
import type { SandboxSettings } from '../settings.ts';
import { refuse } from './access.ts';
import { digestOfQuestion, readCursor, writeCursor } from './cursor.ts';

export interface PageQuestion {
  readonly request: SandboxRequest;
  /** Everything that was asked, cursor included or not. */
  readonly question: JsonValue;
  readonly cursor: string | undefined;
}

export interface PagedList<T> {
  /** Everything that matches, in order. */
  readonly items: readonly T[];
  /** What `totalRecords` counts beyond `items`: calls that Gong still processes. */
  readonly processing: number;
  /** Name of the array in the answer. */
  readonly name: string;
  readonly toJson: (item: T) => JsonValue;
  /** Answered when a filtered list matched nothing; undefined: 200 with an empty array. */
  readonly emptyError: string | undefined;
}

export function answerPage<T>(
  page: PageQuestion,
  list: PagedList<T>,
  settings: SandboxSettings,
  secret: string,
): Answer {
  const question = digestOfQuestion(page.request.route, page.question);
  const now = page.request.atMs;
  let [pageSize, pageNumber, expiresMs] = [settings.pageSize, 0, now + settings.cursorLifetimeMs];
  if (page.cursor !== undefined) {
    const content = readCursor(page.cursor, secret);
    if (!content) return refuse(400, 'Invalid cursor.');
    if (now >= content.expiresMs) return refuse(400, 'The given cursor has expired, start again without one.');
    if (content.question !== question) return refuse(400, 'The filter differs from the one the cursor was made for.');
    ({ pageSize, pageNumber, expiresMs } = content);
  }
  const from = pageNumber * pageSize;
  const items = list.items.slice(from, from + pageSize);
  if (items.length === 0 && list.emptyError !== undefined) return refuse(404, list.emptyError);
  const totalRecords = list.items.length + list.processing;
  const records: JsonObject = { totalRecords, currentPageSize: items.length, currentPageNumber: pageNumber };
  if (from + pageSize < list.items.length)
    records['cursor'] = writeCursor(
      { pageSize, total: totalRecords, pageNumber: pageNumber + 1, expiresMs, question },
      secret,
    );
  return { status: 200, json: { records, [list.name]: items.map(list.toJson) } };
}
