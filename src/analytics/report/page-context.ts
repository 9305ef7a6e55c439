// What a page is made from.
import type { JsonValue } from '../../core/json.ts';
import { quoteLiteral } from '../../duckdb/sql.ts';
import type { MartReader } from './mart-reader.ts';
import { countOf, textOf } from './mart-reader.ts';
import type { Advice, Page, PageName, Verdict } from './model.ts';
import type { Names } from './names.ts';
import { noData } from './verdicts.ts';

export interface PageContext {
  readonly marts: MartReader;
  /** Was a period chosen? Then some pages say that it does not apply to them. */
  readonly hasPeriod: boolean;
  readonly names: Names;
  /** What people call a kit. */
  readonly kitLabel: (code: JsonValue | undefined) => string;
  readonly includeEvidence: boolean;
  /** Codes of kits; none: all. */
  readonly kits: readonly string[];
  /** How a command names the file or lake. */
  readonly shown: string;
}

/** Conditions that keep the rows of the kits chosen. */
export function ofKits({ kits }: PageContext, ...columns: readonly string[]): string[] {
  if (kits.length === 0) return [];
  const list = kits.map(quoteLiteral).join(', ');
  return [`(${columns.map((column) => `${column} IN (${list})`).join(' OR ')})`];
}

export type PageHead = Pick<Page, 'name' | 'title' | 'question'> & { readonly name: PageName };

/** A page that has nothing to show, and says what would fill it. */
export function emptyPage(head: PageHead, verdict: Verdict, answer: string, advice: readonly Advice[]): Page {
  return { ...head, answer, counts: '', verdict, advice, findings: [] };
}

/** Of a page whose mart the file does not have. */
export function martMissing(head: PageHead, mart: string, { shown }: PageContext): Page {
  return emptyPage(head, noData, `There is no ${mart} in this file yet.`, [
    { text: 'Make the marts; a stream that was never synced is named there:', command: `gong-elt marts --in ${shown}` },
  ]);
}

/** Lines of analytics.yaml to copy: `line` for each of the bricks seen, the most frequent first, at most three. */
export async function bricksToCopy(
  { marts }: PageContext,
  line: (brick: { kit: string; key: string }) => string,
): Promise<string[]> {
  const seen = await marts.ask(
    ['semarize_bricks'],
    `SELECT kit_code, brick_key, count(*) AS n FROM semarize_bricks
     WHERE value_kind IN ('number', 'boolean') GROUP BY kit_code, brick_key ORDER BY n DESC, kit_code, brick_key`,
  );
  return (seen?.rows ?? [])
    .filter((row) => countOf(row['n']) > 0)
    .slice(0, 3)
    .map((row) => line({ kit: textOf(row['kit_code']), key: textOf(row['brick_key']) }));
}

/** Labels of kits by their code; without one the code. */
export async function readKitLabels(marts: MartReader): Promise<PageContext['kitLabel']> {
  const found = await marts.ask(['kit_versions'], 'SELECT kit_code, kit_label FROM kit_versions ORDER BY kit_code');
  const labels = new Map(found?.rows.map((row) => [textOf(row['kit_code']), textOf(row['kit_label'])]));
  return (code) => labels.get(textOf(code)) || textOf(code);
}
