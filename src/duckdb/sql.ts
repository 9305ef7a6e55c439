// Names and texts inside SQL: the two functions through which everything from outside goes.
import { ConnectorError } from '../core/errors.ts';

/**
 * `name` as a quoted SQL identifier. Any text is a legal name, quotes and newlines included.
 * @throws ConnectorError (config) for an empty name and for one that holds NUL: DuckDB has no form for these.
 */
export function quoteIdent(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new ConnectorError('a stream or field has a name that is empty or holds a NUL character', {
      area: 'config',
      hint: 'rename it in the source, or deselect it',
    });
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table or schema of the database by its full name. @throws ConnectorError as quoteIdent */
export function quoteName(catalog: string, ...names: readonly string[]): string {
  return [catalog, ...names].map(quoteIdent).join('.');
}

/** `text` as a SQL string literal. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `["a", "b"]` of texts as a SQL list. */
export function quoteList(texts: Iterable<string>): string {
  return `[${Array.from(texts, quoteLiteral).join(', ')}]`;
}
