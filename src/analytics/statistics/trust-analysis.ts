// Is the scorer to be trusted: a kit against itself, and against people.
import type { Agreement, ValuePair } from './agreement.ts';
import { agreementOf, levelAgreement, numberAgreement } from './agreement.ts';
import { humanPairsSql } from './human-pairs.ts';
import type { Inputs } from './inputs.ts';
import { textOf } from './inputs.ts';
import type { ResultRow } from './results.ts';

interface Pair {
  readonly month: string | null;
  readonly reviewer: string | null;
  readonly values: ValuePair | undefined;
  readonly isEqual: boolean;
}

interface Brick {
  readonly kit: string;
  readonly version: string | null;
  readonly brick: string;
  readonly kind: string;
  /** Points of its levels (cfg_levels). */
  readonly points: ReadonlyMap<string, number>;
  readonly pairs: Pair[];
}

type Estimate = (pairs: readonly Pair[]) => Agreement | undefined;

const levelsSql = 'SELECT kit_code, brick_key, level, points FROM cfg_levels WHERE points IS NOT NULL ORDER BY ALL';
const retestSql = `SELECT kit_code, kit_version_id, brick_key, value_kind, strftime(month, '%Y-%m-%d'), NULL,
    first_value, second_value, is_equal, is_comparable
  FROM retest_pairs ORDER BY kit_code, kit_version_id, brick_key, value_kind, month, call_id, first_run_id`;

/**
 * @param hasScorecards is the stream answered_scorecards there?
 * @returns rows of an_scorer_trust, without what all rows of an analysis share.
 */
export async function analyzeTrust(inputs: Inputs, hasScorecards: boolean): Promise<ResultRow[]> {
  const points = new Map<string, Map<string, number>>();
  for await (const [kit, brick, level, value] of inputs.stream(levelsSql)) {
    const key = JSON.stringify([kit, brick]);
    points.set(key, (points.get(key) ?? new Map<string, number>()).set(String(level), Number(value)));
  }
  const retests = await readBricks(inputs, retestSql, points);
  const rows = retests.flatMap((brick) => retestRows(brick));
  if (!hasScorecards) return rows;
  const people = await readBricks(inputs, humanPairsSql, points);
  return [...rows, ...people.flatMap((brick) => humanRows(brick))];
}

async function readBricks(
  inputs: Inputs,
  sql: string,
  points: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Promise<Brick[]> {
  const bricks = new Map<string, Brick>();
  for await (const [kit, version, brick, kind, month, reviewer, first, second, isEqual, isComparable] of inputs.stream(
    sql,
  )) {
    const key = JSON.stringify([kit, version, brick, kind]);
    const found: Brick = bricks.get(key) ?? {
      kit: String(kit),
      version: textOf(version),
      brick: String(brick),
      kind: String(kind),
      // An exact kit wins.
      points: points.get(JSON.stringify([kit, brick])) ?? points.get(JSON.stringify(['*', brick])) ?? new Map(),
      pairs: [],
    };
    found.pairs.push({
      month: textOf(month),
      reviewer: textOf(reviewer),
      values: isComparable === true ? [String(first), String(second)] : undefined,
      isEqual: isEqual === true,
    });
    bricks.set(key, found);
  }
  return [...bricks.values()];
}

const valuesOf = (pairs: readonly Pair[]) => pairs.flatMap(({ values }) => (values === undefined ? [] : [values]));

function retestRows(brick: Brick): ResultRow[] {
  const estimate: Estimate = (pairs) => agreementOf(brick.kind, valuesOf(pairs), brick.points);
  const months = groupBy(brick.pairs, ({ month }) => month);
  const rows = [...months].map(([month, pairs]) => trustRow(brick, 'test_retest', { month }, pairs, estimate));
  return [
    { ...trustRow(brick, 'test_retest', {}, brick.pairs, estimate), drift: hasDrifted(brick, estimate) },
    ...rows,
  ];
}

/** Does the interval of the newest month leave out the value of the months before? Null where one of them is not known. */
function hasDrifted({ pairs }: Brick, estimate: Estimate): boolean | null {
  const newest = pairs.reduce((latest, { month }) => ((month ?? '') > latest ? (month ?? '') : latest), '');
  const now = estimate(pairs.filter(({ month }) => month === newest))?.limits;
  const before = estimate(pairs.filter(({ month }) => month !== newest))?.value;
  return now === undefined || before === undefined ? null : before < now.low || before > now.high;
}

function humanRows(brick: Brick): ResultRow[] {
  const estimate: Estimate = (pairs) =>
    brick.kind === 'number' ? numberAgreement(valuesOf(pairs)) : levelAgreement(valuesOf(pairs), brick.points);
  const reviewers = groupBy(
    brick.pairs.filter(({ reviewer }) => reviewer !== null),
    ({ reviewer }) => reviewer,
  );
  return [
    trustRow(brick, 'human', {}, brick.pairs, estimate),
    ...[...reviewers].map(([reviewer, pairs]) => trustRow(brick, 'human', { reviewer }, pairs, estimate)),
  ];
}

function trustRow(
  { kit, version, brick, kind }: Brick,
  comparison: string,
  { month = null, reviewer = null }: { month?: string | null; reviewer?: string | null },
  pairs: readonly Pair[],
  estimate: Estimate,
): ResultRow {
  const found = estimate(pairs);
  return {
    kit_code: kit,
    kit_version_id: version,
    brick_key: brick,
    value_kind: kind,
    comparison,
    month,
    reviewer,
    n_pairs: pairs.length,
    n_equal: pairs.filter(({ isEqual }) => isEqual).length,
    statistic: found?.statistic ?? null,
    reliability: found?.value ?? null,
    reliability_low: found?.limits?.low ?? null,
    reliability_high: found?.limits?.high ?? null,
    drift: null,
    n_degenerate: null,
  };
}

function groupBy(pairs: readonly Pair[], keyOf: (pair: Pair) => string | null): Map<string | null, Pair[]> {
  const groups = new Map<string | null, Pair[]>();
  for (const pair of pairs) {
    const key = keyOf(pair);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return groups;
}
