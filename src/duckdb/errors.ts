// What DuckDB's error texts mean for a person. DuckDB quotes values and whole records in some of them, so a text passes only
// where it can hold nothing but a path or a setting.
import { ConnectorError } from '../core/errors.ts';

/** `error` from opening `path` as a ConnectorError: area `busy` when another process holds the file, else `destination`. */
export function toOpenError(error: unknown, path: string): ConnectorError {
  const text = textOf(error);
  const known = openFailures.find(({ pattern }) => pattern.test(text));
  if (known) return known.explain(path, text, error);
  return new ConnectorError(`cannot open ${path}: ${firstLine(text)}`, { area: 'destination', cause: error });
}

/** Did the open fail only because another process holds the file, so that waiting may help? */
export function isHeldElsewhere(error: unknown): boolean {
  return error instanceof ConnectorError && error.area === 'busy';
}

/**
 * `error` from a statement that wrote to `path`, without a word of the data.
 * @param doing what was going on, as in "while committing to warehouse.duckdb"
 */
export function toStatementError(error: unknown, path: string, doing: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const text = textOf(error);
  if (/no space left|not enough (disk )?space|out of disk|disk quota/i.test(text))
    return new ConnectorError(`no room left on the disk of ${path} ${doing}; nothing of this batch was stored`, {
      area: 'destination',
      hint: 'free some space, then run the same command again: it goes on where it stopped',
      fields: { path },
    });
  if (isOutOfMemory(error))
    return new ConnectorError(`DuckDB ran out of its memory limit ${doing}`, {
      area: 'destination',
      hint: 'raise memory_limit, or make the batches smaller (batch_bytes, or batch_size_rows of the Singer target)',
      fields: { path },
    });
  if (/^IO Error: No files found/.test(text))
    return new ConnectorError(`the staging files of this load are gone ${doing}: another load of the same kind began`, {
      area: 'busy',
      hint: 'run one load into the same destination at a time',
      fields: { path },
    });
  return new ConnectorError(`DuckDB failed ${doing}: ${classOf(text)}`, {
    area: 'destination',
    hint: 'run the same command again; if it fails at the same place, please report it with this message',
    fields: { path },
  });
}

/** After a FATAL error nothing works on this instance any more: close it, open it again, and look what was committed. */
export function isFatal(error: unknown): boolean {
  return /^FATAL Error|database has been invalidated/i.test(textOf(error));
}

/** Would more memory, or more room to spill, have helped? */
export function isOutOfMemory(error: unknown): boolean {
  return /^Out of Memory Error|failed to (pin|allocate)|could not allocate|max_temp_directory_size/i.test(
    textOf(error),
  );
}

/** Did DuckDB's JSON reader refuse a line? */
export function isJsonReadError(error: unknown): boolean {
  return /^Invalid Input Error: (Malformed JSON|JSON transform error|.*maximum_object_size)/.test(textOf(error));
}

interface OpenFailure {
  readonly pattern: RegExp;
  explain(path: string, text: string, cause: unknown): ConnectorError;
}

const openFailures: readonly OpenFailure[] = [
  {
    pattern: /could not set lock|conflicting lock|being used by another process|different configuration/i,
    explain: (path, text, cause) => {
      const pid = /PID (\d+)/.exec(text)?.[1];
      const holder = pid === undefined ? 'another program' : `another program (PID ${pid})`;
      return new ConnectorError(`${path} is open in ${holder}`, {
        area: 'busy',
        hint: 'close it there, or write to a folder, a lake of Delta tables, which has no lock: --to ./lake',
        fields: { path, pid: pid === undefined ? undefined : Number(pid) },
        cause,
      });
    },
  },
  {
    pattern: /version number|newer version of duckdb|older or newer|storage version/i,
    explain: (path, text, cause) =>
      new ConnectorError(`${path} was written by another version of DuckDB than this one reads: ${firstLine(text)}`, {
        area: 'destination',
        hint: 'write to another file, or export the tables with the program that wrote it',
        cause,
      }),
  },
  {
    pattern: /not a valid DuckDB database/i,
    explain: (path, _text, cause) =>
      new ConnectorError(`${path} exists, but is not a DuckDB file`, {
        area: 'destination',
        hint: 'choose another name, or move that file away',
        cause,
      }),
  },
  {
    pattern: /read-only mode: database does not exist/i,
    explain: (path, _text, cause) =>
      new ConnectorError(`there is no file ${path}`, {
        area: 'destination',
        hint: 'check the path, or create it with: gong-elt sync --to FILE',
        cause,
      }),
  },
  {
    pattern: /no such file or directory/i,
    explain: (path, _text, cause) =>
      new ConnectorError(`the folder of ${path} does not exist`, {
        area: 'destination',
        hint: 'create the folder, or check the path',
        cause,
      }),
  },
  {
    pattern: /is a directory/i,
    explain: (path, _text, cause) =>
      new ConnectorError(`${path} is a folder, not a DuckDB file`, {
        area: 'destination',
        hint: 'name a file in it, for example warehouse.duckdb',
        cause,
      }),
  },
  {
    pattern: /permission denied|read-only file system/i,
    explain: (path, text, cause) =>
      new ConnectorError(
        `${path} cannot be written: ${/read-only/i.test(text) ? 'the disk is mounted read-only' : 'permission denied'}`,
        {
          area: 'destination',
          hint: 'choose a place you may write to, or change the permissions',
          cause,
        },
      ),
  },
  {
    pattern: /no space left|disk quota/i,
    explain: (path, _text, cause) =>
      new ConnectorError(`no room left on the disk of ${path}`, {
        area: 'destination',
        hint: 'free some space, then run the same command again',
        cause,
      }),
  },
  {
    pattern: /failure while replaying wal|corrupt/i,
    explain: (path, _text, cause) =>
      new ConnectorError(`${path} is damaged: DuckDB cannot read it, or cannot replay its write-ahead log`, {
        area: 'destination',
        hint: `keep the file and ${path}.wal as they are, and restore a copy; nothing was changed`,
        cause,
      }),
  },
];

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** `Invalid Input Error` of `Invalid Input Error: …`. */
function classOf(text: string): string {
  return /^[A-Za-z ]{1,40}Error(?=:)/.exec(text)?.[0] ?? 'unknown error';
}
