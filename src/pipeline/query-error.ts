// What is said when a person's SQL fails.
import { ConnectorError } from '../core/errors.ts';
import { isOutOfMemory } from '../duckdb/errors.ts';

/**
 * DuckDB's text where it can only speak of the SQL; where it quotes what stands in a row, its class alone: the text goes to
 * logs as well.
 */
export function toQueryError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const text = (error instanceof Error ? error.message : String(error)).replace(/^Failed to extract statements: /, '');
  const [kind = 'Error'] = /^[A-Za-z ]+ Error/.exec(text) ?? [];
  const speaksOfSql =
    /^(Parser|Binder|Catalog|Syntax|Not [Ii]mplemented|Permission) Error/.test(text) ||
    /^Invalid Input Error: Cannot execute statement of type/.test(text);
  return new ConnectorError(
    speaksOfSql ? text.trim() : `${kind} in the query (DuckDB’s text is left out: it may quote a row).`,
    { area: 'config', hint: isOutOfMemory(error) ? tooMuch : hintOf(text, speaksOfSql), cause: error },
  );
}

const tooMuch =
  'ask for less at once: one mart a query, fewer columns, a WHERE; gong-elt marts --materialize makes every mart cheaper';

function hintOf(text: string, speaksOfSql: boolean): string {
  if (/file system operations are disabled/.test(text))
    return 'name the file: --attach name=file.csv, or let the SQL read any: --allow-files';
  if (/No function matches|Could not choose a best candidate/.test(text) && /STRING_LITERAL/.test(text))
    return 'say what the text is: $since::TIMESTAMPTZ';
  return speaksOfSql ? 'correct the SQL' : 'look for a cast or a calculation that a value does not fit (try_cast)';
}
