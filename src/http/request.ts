// One logical request, and the answer it got in the end.
import type { JsonValue } from '../core/json.ts';

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
  /** Fired: no further try begins; one under way still goes to its end. Default: `signal`. */
  readonly noMoreTries?: AbortSignal | undefined;
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
  /** Was an earlier try of this request perhaps carried out, although its answer was no good? A 429 says that it was not. */
  readonly mayRepeat: boolean;
}
