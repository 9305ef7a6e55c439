// Pairs of kits on the same deals: bootstrap limits of the difference, the relative gain and the AUC difference, Williams, McNemar.
import type { Draws, Interval } from './bootstrap.ts';
import { bootstrapDeals } from './bootstrap.ts';
import { orderOf, weightedAuc, weightedCorrelation } from './correlation.ts';
import { williamsTest } from './dependent-correlations.ts';
import type { Inputs } from './inputs.ts';
import { textOf } from './inputs.ts';
import { mcNemarExact } from './mcnemar.ts';
import type { ResultRow } from './results.ts';

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly versionA: string | null;
  readonly versionB: string | null;
  readonly thresholdA: number | null;
  readonly thresholdB: number | null;
  /** Were both thresholds set, so that all deals test them, and not only the newer half? */
  readonly isTestedOnAll: boolean;
}

interface Deals {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly won: Uint8Array;
  /** Do they test the thresholds? */
  readonly isTesting: readonly boolean[];
}

const pairsSql = `SELECT kit_code_a, kit_code_b, kit_version_id_a, kit_version_id_b, threshold_a, threshold_b, threshold_source
  FROM mart_framework_ab WHERE verdict IN ('indicative', 'usable') ORDER BY kit_code_a, kit_code_b`;
const dealsSql = `SELECT kit_code_a, kit_code_b, opportunity_id, score_a, score_b, is_won, is_older FROM framework_deals WHERE is_older IS NOT NULL
  ORDER BY kit_code_a, kit_code_b, opportunity_id`;

/** @returns rows of an_framework_ab, without what all rows of an analysis share. */
export async function analyzeFrameworks(inputs: Inputs, draws: Draws): Promise<ResultRow[]> {
  const pairs = new Map<string, Pair>();
  for await (const [a, b, versionA, versionB, thresholdA, thresholdB, source] of inputs.stream(pairsSql))
    pairs.set(JSON.stringify([a, b]), {
      a: String(a),
      b: String(b),
      versionA: textOf(versionA),
      versionB: textOf(versionB),
      thresholdA: thresholdA === null ? null : Number(thresholdA),
      thresholdB: thresholdB === null ? null : Number(thresholdB),
      isTestedOnAll: source === 'settings',
    });
  const rows = new Map<string, (readonly unknown[])[]>([...pairs.keys()].map((key) => [key, []]));
  for await (const [a, b, , ...values] of inputs.stream(dealsSql)) rows.get(JSON.stringify([a, b]))?.push(values);
  return [...pairs]
    .map(([key, pair]) => analyzePair(pair, dealsOf(pair, rows.get(key) ?? []), draws))
    .filter((row) => row !== undefined);
}

function dealsOf({ isTestedOnAll }: Pair, rows: readonly (readonly unknown[])[]): Deals {
  return {
    a: Float64Array.from(rows, ([score]) => Number(score)),
    b: Float64Array.from(rows, ([, score]) => Number(score)),
    won: Uint8Array.from(rows, ([, , won]) => Number(won)),
    isTesting: rows.map(([, , , isOlder]) => isTestedOnAll || isOlder !== true),
  };
}

function analyzePair(pair: Pair, deals: Deals, draws: Draws): ResultRow | undefined {
  const { a, b, won } = deals;
  const n = won.length;
  const once = new Uint32Array(n).fill(1);
  const rA = weightedCorrelation(a, won, once);
  const rB = weightedCorrelation(b, won, once);
  const rAB = weightedCorrelation(a, b, once);
  if (rA === undefined || rB === undefined || rAB === undefined) return undefined;

  const [orderA, orderB] = [orderOf(a), orderOf(b)];
  const sampled = bootstrapDeals(n, draws, (counts) => {
    const [drawnA, drawnB] = [weightedCorrelation(a, won, counts), weightedCorrelation(b, won, counts)];
    const [aucA, aucB] = [weightedAuc({ x: a, won }, orderA, counts), weightedAuc({ x: b, won }, orderB, counts)];
    if (drawnA === undefined || drawnB === undefined || aucA === undefined || aucB === undefined) return undefined;
    const [higher, lower] = rA >= rB ? [drawnA, drawnB] : [drawnB, drawnA];
    return [drawnA - drawnB, lower > 0 ? higher / lower - 1 : Number.POSITIVE_INFINITY, aucA - aucB];
  });
  const [difference, gain, aucDifference] = sampled?.intervals ?? [];
  const test = williamsTest(rA, rB, rAB, n);
  return {
    kit_code_a: pair.a,
    kit_version_id_a: pair.versionA,
    kit_code_b: pair.b,
    kit_version_id_b: pair.versionB,
    n_deals: n,
    n_won: won.reduce((total, value) => total + value, 0),
    difference: rA - rB,
    ...limitColumns('difference', difference),
    ...limitColumns('relative_gain', rA > 0 && rB > 0 ? gain : undefined),
    ...limitColumns('auc_difference', aucDifference),
    williams_t: test?.t ?? null,
    p_value: test?.p ?? null,
    mcnemar_p: falsePositiveP(pair, deals),
    n_degenerate: sampled?.nDegenerate ?? null,
  };
}

const limitColumns = (name: string, limits: Interval | undefined): ResultRow => ({
  [`${name}_low`]: limits?.low ?? null,
  [`${name}_high`]: limits?.high ?? null,
});

/** McNemar over the lost deals that test the thresholds; NULL without thresholds. */
function falsePositiveP({ thresholdA, thresholdB }: Pair, { a, b, won, isTesting }: Deals): number | null {
  if (thresholdA === null || thresholdB === null) return null;
  let [onlyA, onlyB] = [0, 0];
  for (let i = 0; i < won.length; i += 1) {
    if (won[i] === 1 || !isTesting[i]) continue;
    const [calledByA, calledByB] = [(a[i] ?? 0) >= thresholdA, (b[i] ?? 0) >= thresholdB];
    if (calledByA && !calledByB) onlyA += 1;
    if (calledByB && !calledByA) onlyB += 1;
  }
  return mcNemarExact(onlyA, onlyB);
}
