// Every feature that has an estimate: exact p, bootstrap limits, ceiling, and q over all of them.
import type { Draws } from './bootstrap.ts';
import { bootstrapDeals } from './bootstrap.ts';
import { correlationCeiling } from './ceiling.ts';
import { orderOf, weightedAuc, weightedCorrelation } from './correlation.ts';
import { categoryAssociation } from './cramers-v.ts';
import { correlationP } from './distributions.ts';
import type { Inputs } from './inputs.ts';
import { textOf } from './inputs.ts';
import { benjaminiHochberg } from './multiple-testing.ts';
import type { ResultRow } from './results.ts';

interface Feature {
  readonly kit: string;
  readonly version: string | null;
  readonly brick: string;
  readonly kind: string;
  readonly level: string | null;
}

/** Rows of one brick and kind: all deals that have a value, then, level by level, the shares of those that have the level. */
interface Deals {
  readonly indexOf: Map<string, number>;
  readonly won: number[];
}

const keyOf = ({ kit, brick, kind, level }: Omit<Feature, 'version'>) => JSON.stringify([kit, brick, kind, level]);

/** The features to test: only those that the mart gives an estimate. */
const testedSql = `SELECT kit_code, brick_key, value_kind, level FROM mart_win_correlation
  WHERE verdict IN ('indicative', 'usable') ORDER BY ALL`;
const featuresSql = `SELECT kit_code, kit_version_id, brick_key, value_kind, level, opportunity_id, x, is_won FROM deal_features
  WHERE NOT is_former ORDER BY kit_code, kit_version_id, brick_key, value_kind, level NULLS FIRST, opportunity_id`;
const categoriesSql = `SELECT kit_code, kit_version_id, brick_key, value_kind, NULL, category, is_won FROM deal_categories
  ORDER BY kit_code, kit_version_id, brick_key, value_kind, opportunity_id`;

/** @returns rows of an_win_correlation, without what all rows of an analysis share. */
export async function analyzeFeatures(inputs: Inputs, draws: Draws): Promise<ResultRow[]> {
  const tested = new Set<string>();
  for await (const [kit, brick, kind, level] of inputs.stream(testedSql))
    tested.add(keyOf({ kit: String(kit), brick: String(brick), kind: String(kind), level: textOf(level) }));
  const rows = [...(await analyzeShares(inputs, tested, draws)), ...(await analyzeCategories(inputs, tested, draws))];
  return withFamily(rows);
}

async function analyzeShares(inputs: Inputs, tested: ReadonlySet<string>, draws: Draws): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  let deals: Deals = { indexOf: new Map(), won: [] };
  for await (const { feature, values } of groupsOf(inputs.stream(featuresSql))) {
    // Sorted first: the row of the value itself, one for every deal that has one.
    if (feature.level === null)
      deals = {
        indexOf: new Map(values.map(([deal], index) => [String(deal), index])),
        won: values.map(([, , won]) => Number(won)),
      };
    if (!tested.has(keyOf(feature)) || (feature.level === null && feature.kind === 'text')) continue;
    const x = new Float64Array(deals.won.length);
    for (const [deal, share] of values) x[deals.indexOf.get(String(deal)) ?? -1] = Number(share);
    const row = analyzeFeature(feature, x, Uint8Array.from(deals.won), draws);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function analyzeFeature(feature: Feature, x: Float64Array, won: Uint8Array, draws: Draws): ResultRow | undefined {
  const n = x.length;
  const nWon = won.reduce((total, value) => total + value, 0);
  const estimate = weightedCorrelation(x, won, new Uint32Array(n).fill(1));
  if (estimate === undefined) return undefined;
  const isNumber = feature.kind === 'number';
  const order = isNumber ? orderOf(x) : undefined;
  const sampled = bootstrapDeals(n, draws, (counts) => {
    const r = weightedCorrelation(x, won, counts);
    if (r === undefined || order === undefined) return r === undefined ? undefined : [r];
    const auc = weightedAuc({ x, won }, order, counts);
    return auc === undefined ? undefined : [r, auc];
  });
  const [limits, aucLimits] = sampled?.intervals ?? [];
  return {
    ...keyColumns(feature),
    n_deals: n,
    n_won: nWon,
    estimate,
    boot_low: limits?.low ?? null,
    boot_high: limits?.high ?? null,
    p_value: correlationP(estimate, n),
    auc_low: aucLimits?.low ?? null,
    auc_high: aucLimits?.high ?? null,
    r_ceiling: isNumber ? correlationCeiling(nWon / n) : null,
    cramers_v: null,
    n_degenerate: sampled?.nDegenerate ?? null,
  };
}

async function analyzeCategories(inputs: Inputs, tested: ReadonlySet<string>, draws: Draws): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  for await (const { feature, values } of groupsOf(inputs.stream(categoriesSql))) {
    if (!tested.has(keyOf(feature))) continue;
    const numbers = new Map(
      [...new Set(values.map(([category]) => String(category)))].sort().map((name, i) => [name, i]),
    );
    const levels = values.map(([category]) => numbers.get(String(category)) ?? 0);
    const won = values.map(([, outcome]) => Number(outcome));
    const found = categoryAssociation(levels, won, draws);
    if (found === undefined) continue;
    rows.push({
      ...keyColumns(feature),
      n_deals: won.length,
      n_won: won.reduce((total, value) => total + value, 0),
      estimate: null,
      boot_low: null,
      boot_high: null,
      p_value: found.p,
      auc_low: null,
      auc_high: null,
      r_ceiling: null,
      cramers_v: found.v,
      n_degenerate: null,
    });
  }
  return rows;
}

const keyColumns = ({ kit, version, brick, kind, level }: Feature) => ({
  kit_code: kit,
  kit_version_id: version,
  brick_key: brick,
  value_kind: kind,
  level,
});

/** All tests of one analysis are one family. */
function withFamily(rows: readonly ResultRow[]): ResultRow[] {
  const qs = benjaminiHochberg(rows.map(({ p_value: p }) => Number(p)));
  return rows.map((row, index) => ({ ...row, q_value: qs[index] ?? null, tests_in_family: rows.length }));
}

interface Group {
  readonly feature: Feature;
  /** What stands behind the five key columns. */
  readonly values: readonly (readonly unknown[])[];
}

/** Rows that begin with the same feature, one feature at a time. */
async function* groupsOf(rows: AsyncIterable<readonly unknown[]>): AsyncGenerator<Group> {
  let feature: Feature | undefined;
  let key: string | undefined;
  let values: unknown[][] = [];
  for await (const [kit, version, brick, kind, level, ...rest] of rows) {
    const next = JSON.stringify([kit, version, brick, kind, level]);
    if (next !== key) {
      if (feature !== undefined) yield { feature, values };
      const text = (value: unknown) => (value === null ? null : String(value));
      feature = {
        kit: String(kit),
        version: text(version),
        brick: String(brick),
        kind: String(kind),
        level: text(level),
      };
      key = next;
      values = [];
    }
    values.push(rest);
  }
  if (feature !== undefined) yield { feature, values };
}
