// The one error that crosses rooms. What went wrong decides the exit code; the four parts of its text are what happened,
// where, why likely (all in `message`) and what to do next (`hint`).

/**
 * What a person or a scheduler can do about it; each area has an exit code (process/exit-codes.ts).
 * `config` wrong settings or state · `credentials` key, scope, credits · `quota` try after `resumeAt` · `service` Gong or
 * Semarize failed or broke its contract · `destination` full, not writable, newer format · `busy` somebody else holds it ·
 * `bug` ours.
 */
export type ErrorArea = 'config' | 'credentials' | 'quota' | 'service' | 'destination' | 'busy' | 'bug';

/**
 * What code may act on, where the area does not say enough.
 * `cursor_expired` list the window again · `too_large`, `timeout` ask for less · `forbidden` this key may not read it ·
 * `listing_contradicts` what was listed cannot be all · `no_kit` Semarize does not know the kit.
 */
export type ErrorReason = 'cursor_expired' | 'too_large' | 'timeout' | 'forbidden' | 'listing_contradicts' | 'no_kit';

/**
 * Places and numbers for logs and `--json`: ids, counts, status codes. Never a header, a body, a name or a sentence. No code
 * branches on them.
 */
export type ErrorFields = Record<string, string | number | boolean | null | undefined>;

export interface ConnectorErrorOptions {
  area: ErrorArea;
  reason?: ErrorReason | undefined;
  /** May a request that creates something have been carried out all the same? Left out: it may. */
  mayRepeat?: boolean | undefined;
  /** The stream it is about, when it is about one. */
  stream?: string | undefined;
  /** The next step: a command, or a place in a user interface. */
  hint?: string;
  fields?: ErrorFields;
  /** Milliseconds since the epoch after which trying again makes sense. */
  resumeAt?: number;
  cause?: unknown;
}

export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly area: ErrorArea;
  readonly reason: ErrorReason | undefined;
  readonly mayRepeat: boolean;
  readonly stream: string | undefined;
  readonly hint: string | undefined;
  readonly fields: ErrorFields;
  readonly resumeAt: number | undefined;

  constructor(message: string, options: ConnectorErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.area = options.area;
    this.reason = options.reason;
    this.mayRepeat = options.mayRepeat ?? true;
    this.stream = options.stream;
    this.hint = options.hint;
    this.fields = options.fields ?? {};
    this.resumeAt = options.resumeAt;
  }
}

/** The wish to stop that came from outside: a signal, or a reader that hung up. Not a failure, and never retried. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
  /** The request that it ended was certainly never acted on: it was not sent, or only answered with 429. */
  readonly isUnsent: boolean;

  constructor(message: string, { isUnsent = false, ...options }: ErrorOptions & { isUnsent?: boolean } = {}) {
    super(message, options);
    this.isUnsent = isUnsent;
  }
}

/** What happened and the next step, for places with room for one text. */
export function errorText({ message, hint }: Pick<ConnectorError, 'message' | 'hint'>): string {
  return hint === undefined ? message : `${message} → ${hint}`;
}

/** `error` as a ConnectorError: itself, or wrapped as our own bug. */
export function toConnectorError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  return new ConnectorError(`unexpected error: ${describeForeign(error)}`, { area: 'bug', cause: error });
}

// The engine's own errors speak of names in our code. The messages of others (parsers, databases) quote what they could not
// read, which may be a secret or somebody's sentence.
function describeForeign(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
    return `${error.name}: ${error.message}`;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}
