// What a text of SQL is, without running it.
import type { DuckDBConnection } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';

export interface StatementFacts {
  /** Kinds of its statements in order, `SELECT`, `COPY`; none for a text of comments. */
  readonly kinds: readonly string[];
  /** Names of the parameters of the first statement, without `$`. */
  readonly parameters: readonly string[];
  /** One statement that changes nothing, wherever files may be reached: SELECT, or EXPLAIN of one. */
  readonly onlyReads: boolean;
}

// Preparing is not harmless for every statement (EXPORT DATABASE makes its folder), so the first word is looked at before.
const readingWords = /^(select|from|with|values|table|pivot|unpivot|describe|desc|show|summarize|pragma)\b/i;
// EXPLAIN ANALYZE runs what it explains, a COPY to a file included.
const explainPrefix = /^explain\s+(?:analyze\s+)?(?:\([^)]*\)\s*)?/i;

/** @throws DuckDB's error for text that is no SQL */
export async function inspectStatements(connection: DuckDBConnection, sql: string): Promise<StatementFacts> {
  const texts = statementTexts(sql);
  const [text = ''] = texts;
  const facts = { kinds: texts.map(firstWord), parameters: [], onlyReads: false };
  if (text === '') return facts;
  const statements = await connection.extractStatements(sql);
  // PIVOT without an IN list is two statements to DuckDB.
  if (statements.count > 1)
    return { ...facts, kinds: texts.length === statements.count ? facts.kinds : Array(statements.count).fill('PIVOT') };
  if (!explainPrefix.test(text) && !readingWords.test(text.replace(/^[(\s]+/, ''))) return facts;
  const statement = await statements.prepare(0);
  const kind = StatementType[statement.statementType];
  const parameters = Array.from({ length: statement.parameterCount }, (_, place) => statement.parameterName(place + 1));
  statement.destroySync();
  return { kinds: [kind ?? '?'], parameters, onlyReads: await onlyReads(connection, kind, text) };
}

async function onlyReads(connection: DuckDBConnection, kind: string | undefined, text: string): Promise<boolean> {
  if (kind === 'SELECT') return true;
  if (kind !== 'EXPLAIN') return false;
  return (await inspectStatements(connection, text.replace(explainPrefix, ''))).onlyReads;
}

function firstWord(text: string): string {
  return (/^\w+/.exec(text.replace(/^[(\s]+/, ''))?.[0] ?? '?').toUpperCase();
}

/** The statements without what comes before their first words; a `;` in a comment or a quoted text ends none. */
function statementTexts(sql: string): string[] {
  const texts = [''];
  for (const [part] of sql.matchAll(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|[\s\S]/g,
  )) {
    if (part === ';') texts.push('');
    else texts.push(`${texts.pop()}${/^(--|\/\*)/.test(part) ? ' ' : part}`);
  }
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}
