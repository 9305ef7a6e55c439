// Whose names are printed. The labels are numbered in the order of the names, and which is whose stands in no output.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { MartReader } from './mart-reader.ts';

/** `accounts`: of accounts and deals, not of people; `all`: of people too; `none`: labels for both. */
export const nameModes = ['accounts', 'all', 'none'] as const;
export type NameMode = (typeof nameModes)[number];

export interface Names {
  rep(name: JsonValue | undefined): string | null;
  account(name: JsonValue | undefined): string | null;
  /** Account and deal; the account once where the deal is named after it. */
  deal(row: JsonObject): string | null;
  /** The title of a call often holds people's names. */
  title(text: JsonValue | undefined): string | null;
}

/** Reads the names that get labels. */
export async function createNames(mode: NameMode, marts: MartReader): Promise<Names> {
  const labels = async (needed: boolean, relations: string[], sql: string, prefix: string) =>
    needed ? labelsOf(await allNames(marts, relations, sql), prefix) : undefined;
  const reps = await labels(mode !== 'all', ['conversations'], 'SELECT DISTINCT rep AS name FROM conversations', 'Rep');
  const accounts = await labels(
    mode === 'none',
    ['deals', 'conversations'],
    'SELECT account_name AS name FROM deals UNION SELECT opportunity_name FROM deals UNION SELECT account_name FROM conversations',
    'Account',
  );
  const printed = (name: JsonValue | undefined) => (typeof name === 'string' && name !== '' ? name : null);
  const labelled =
    (known: ReadonlyMap<string, string> | undefined, prefix: string) => (name: JsonValue | undefined) => {
      if (known === undefined || printed(name) === null) return printed(name);
      return known.get(String(name)) ?? `${prefix} without a number`;
    };
  return {
    rep: labelled(reps, 'Rep'),
    account: labelled(accounts, 'Account'),
    deal({ account_name: account, opportunity_name: name, opportunity_id: id }) {
      const [customer, deal] = [
        labelled(accounts, 'Account')(account),
        printed(mode === 'none' ? id : name) ?? printed(id),
      ];
      return customer === null || deal?.startsWith(customer) ? deal : [customer, deal].filter(Boolean).join(' · ');
    },
    title: (text) => (mode === 'all' ? printed(text) : null),
  };
}

function labelsOf(names: readonly string[], prefix: string): Map<string, string> {
  return new Map(names.map((name, index) => [name, `${prefix} ${index + 1}`]));
}

/** All of them, whatever a table of the report has at most: a label needs its place among all. */
async function allNames(marts: MartReader, relations: string[], sql: string): Promise<string[]> {
  const answer = await marts.ask(relations, `SELECT list(name ORDER BY name) AS names FROM (${sql}) WHERE name <> ''`);
  const names = answer?.rows[0]?.['names'];
  return Array.isArray(names) ? names.map(String) : [];
}
