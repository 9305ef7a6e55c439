// One view a kit with a column a brick: what a spreadsheet user opens first. Made from the bricks that its analysed version answered.
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';
import type { SqlConnection } from './sql-connection.ts';

export interface WideBrick {
  readonly key: string;
  /** Kinds of values seen, `null` and `missing` left out. */
  readonly kinds: readonly string[];
  readonly label: string | undefined;
}

export interface WideKit {
  readonly code: string;
  readonly label: string;
  readonly bricks: readonly WideBrick[];
}

export interface GeneratedView {
  readonly view: string;
  readonly sql: string;
}

const columnOfKind: Readonly<Record<string, string>> = {
  number: 'value_num',
  boolean: 'value_bool',
  text: 'value_text',
  list: 'value_list',
};
/** Of a brick whose answers are of several kinds, or of none that has a type. */
const asText =
  'coalesce(b.value_text, b.value_num::VARCHAR, b.value_bool::VARCHAR, array_to_string(b.value_list, $$; $$))';

const fixed: readonly (readonly [name: string, sql: string, comment: string])[] = [
  ['call_id', 'b.call_id', 'Key. The call.'],
  ['started_at', 'any_value(c.started_at)', 'When the call started.'],
  ['title', 'any_value(c.title)', 'Title of the call.'],
  ['source', 'any_value(c.source)', 'Where it was recorded.'],
  ['rep', 'any_value(c.rep)', 'Owner of the call.'],
  ['team', 'any_value(c.team)', 'Team of the owner.'],
  ['account_name', 'any_value(c.account_name)', 'The account.'],
  ['opportunity_id', 'any_value(c.opportunity_id)', 'The deal.'],
  ['run_id', 'any_value(b.run_id)', 'The run that speaks for the call.'],
];

/** The kits of the analysed versions with the bricks that were answered, both in order of their names. */
export async function readWideKits(connection: SqlConnection): Promise<WideKit[]> {
  const rows = await connection.rows(`
    SELECT b.kit_code, any_value(k.kit_label) AS kit_label, b.brick_key, max(b.label) AS label,
      coalesce(string_agg(DISTINCT b.value_kind, ',' ORDER BY b.value_kind) FILTER (b.value_kind NOT IN ('null', 'missing')), '') AS kinds
    FROM brick_points b JOIN kit_versions k ON k.kit_code = b.kit_code
    WHERE b.is_analysed_version
    GROUP BY b.kit_code, b.brick_key
    ORDER BY b.kit_code, b.brick_key`);
  const kits = new Map<string, { label: string; bricks: WideBrick[] }>();
  for (const row of rows) {
    const code = String(row['kit_code']);
    const kit = kits.get(code) ?? { label: String(row['kit_label']), bricks: [] };
    const kinds = String(row['kinds']).split(',').filter(Boolean);
    const label = row['label'] === null ? undefined : String(row['label']);
    kit.bricks.push({ key: String(row['brick_key']), kinds, label });
    kits.set(code, kit);
  }
  return [...kits].map(([code, kit]) => ({ code, ...kit }));
}

/** Pure. Names differ whatever their case; of two that would be the same, the later one gets a number. */
export function wideViews(kits: readonly WideKit[]): GeneratedView[] {
  const taken = new Set<string>();
  return kits.map((kit) => {
    const view = freeName(`wide_${kit.code}`, taken);
    return { view, sql: wideSql(view, kit) };
  });
}

function wideSql(view: string, { code, label, bricks }: WideKit): string {
  const taken = new Set(fixed.map(([name]) => name));
  const columns = bricks.flatMap(({ key, kinds, label: name }): (readonly [string, string, string])[] => {
    const [kind = ''] = kinds;
    const value = kinds.length === 1 && columnOfKind[kind] !== undefined ? `b.${columnOfKind[kind]}` : asText;
    const only = `FILTER (b.brick_key = ${quoteLiteral(key)})`;
    const said = name === undefined ? `Answer of the brick ${key}` : `${name}: answer of the brick ${key}`;
    return [
      [freeName(key, taken), `any_value(${value}) ${only}`, `${said}; NULL where it gave none.`],
      [freeName(`${key}_confidence`, taken), `any_value(b.confidence) ${only}`, `Confidence of that answer, 0 to 1.`],
    ];
  });
  const all = [...fixed, ...columns];
  return [
    `CREATE OR REPLACE VIEW ${quoteIdent(view)} AS SELECT ${all.map(([name, sql]) => `${sql} AS ${quoteIdent(name)}`).join(', ')}`,
    ` FROM bricks_current b LEFT JOIN conversations c ON c.call_id = b.call_id`,
    ` WHERE b.kit_code = ${quoteLiteral(code)} AND b.is_analysed_version GROUP BY b.call_id;`,
    `COMMENT ON VIEW ${quoteIdent(view)} IS ${quoteLiteral(`Answers of the kit ${label}, analysed version, one row a call and a column a brick. Made by gong-elt.`)};`,
    ...all.map(
      ([name, , comment]) => `COMMENT ON COLUMN ${quoteIdent(view)}.${quoteIdent(name)} IS ${quoteLiteral(comment)};`,
    ),
  ].join('\n');
}

/** Letters, digits and underscores, so that no reader has to quote it. */
function freeName(wanted: string, taken: Set<string>): string {
  const name = wanted.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[0-9]|$)/, '_');
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}_${number}`;
  taken.add(free.toLowerCase());
  return free;
}
