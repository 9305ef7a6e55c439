// docs/data-dictionary.md: every table and view of ours with what its columns say. Printed from a database that has the streams and
// nothing in them.
import { quoteIdent } from '../duckdb/sql.ts';
import { createMarts } from './marts.ts';
import { parseAnalyticsSettings } from './settings.ts';
import type { SqlConnection } from './sql-connection.ts';
import { readStreams } from './streams.ts';

const head = `# Data dictionary

Every table and view that an analyst finds, from their comments (\`npm run generate\` prints this page). The same as a view, for the file at hand:
\`select * from data_dictionary\`. Views \`wide_<kit>\` have a column a brick, so they are not listed here.
`;

const kinds: readonly (readonly [title: string, belongs: (name: string) => boolean])[] = [
  ['Streams', (name) => ['calls', 'transcripts', 'semarize_runs'].includes(name)],
  ['Marts', (name) => name.startsWith('mart_')],
  ['Settings', (name) => name.startsWith('cfg_')],
  ['Rows from outside', (name) => name.startsWith('ext_')],
  ['Results of the analysis', (name) => name.startsWith('an_')],
  ['Views', () => true],
];

/** @param connection to an empty database, which is filled with empty tables */
export async function dictionaryPage(connection: SqlConnection): Promise<string> {
  for (const { name, columns } of await readStreams()) {
    const list = columns.map(({ name: column, type }) => `${quoteIdent(column)} ${type === 'NESTED' ? 'JSON' : type}`);
    await connection.run(`CREATE TABLE ${name} (${list.join(', ')})`);
  }
  const { skipped } = await createMarts(connection, parseAnalyticsSettings(undefined));
  const rows = await connection.rows('FROM data_dictionary ORDER BY relation, "position"');
  const relations = new Map<string, typeof rows>();
  for (const row of rows)
    relations.set(String(row['relation']), [...(relations.get(String(row['relation'])) ?? []), row]);
  const told = new Set<string>();
  const sections = kinds.map(([title, belongs]) => {
    const names = [...relations.keys()].filter((name) => belongs(name) && !told.has(name));
    for (const name of names) told.add(name);
    return `## ${title}\n\n${names.map((name) => tableOf(name, relations.get(name) ?? [])).join('\n')}`;
  });
  const needs = skipped.map(
    ({ view, missing }) => `\`${view}\` needs ${missing.map((name) => `\`${name}\``).join(', ')}`,
  );
  const absent =
    needs.length === 0
      ? ''
      : `\nNot listed, for want of columns that the source does not fill yet: ${needs.join('; ')}.\n`;
  return `${head}${absent}\n${sections.join('\n')}`;
}

function tableOf(name: string, columns: readonly Record<string, unknown>[]): string {
  const [first] = columns;
  const said = String(first?.['relation_comment'] ?? '').replace(/ ?Made by gong-elt[^.]*\.$/, '');
  const lines = columns.map(
    (column) => `| \`${column['column_name']}\` | ${cell(column['data_type'])} | ${cell(column['comment'] ?? '')} |`,
  );
  return `### ${name}\n${said === '' ? '' : `\n${said}\n`}\n| column | type | meaning |\n|---|---|---|\n${lines.join('\n')}\n`;
}

function cell(value: unknown): string {
  return String(value).replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
