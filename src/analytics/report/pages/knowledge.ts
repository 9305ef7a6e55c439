// Product knowledge: claims checked against the product's documents (mart_product_knowledge, _claims, mart_knowledge_gaps).
import type { JsonObject } from '../../../core/json.ts';
import type { WeekChart } from '../charts/chart.ts';
import { countOf, textOf } from '../mart-reader.ts';
import type { Column, Finding, Page } from '../model.ts';
import { plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { bricksToCopy, emptyPage, martMissing, ofKits } from '../page-context.ts';
import { counted, countsText, notConfigured } from '../verdicts.ts';

const head: PageHead = {
  name: 'knowledge',
  title: 'Product knowledge',
  question: 'Do reps say what the product does?',
};

const weekly: readonly Column[] = [
  { key: 'week', label: 'Week from', kind: 'date' },
  { key: 'rep', label: 'Rep', kind: 'text' },
  { key: 'team', label: 'Team', kind: 'text' },
  { key: 'kit', label: 'Kit', kind: 'text' },
  { key: 'n_calls', label: 'Calls', kind: 'count' },
  { key: 'feature_accuracy_mean', label: 'Accuracy, mean', kind: 'estimate', n: 'feature_accuracy_n' },
  { key: 'claims_checked', label: 'Claims', kind: 'count' },
  { key: 'incorrect_n', label: 'Incorrect', kind: 'count' },
  { key: 'imprecise_n', label: 'Imprecise', kind: 'count' },
  { key: 'pricing_misstated_n', label: 'Price misstated', kind: 'count' },
  { key: 'competitor_claim_invalid_n', label: 'Wrong on competitor', kind: 'count' },
  { key: 'low_confidence_n', label: 'Low confidence', kind: 'count' },
];

/** @param gaps as gapsFinding made it */
export async function knowledgePage(context: PageContext, gaps: Finding | undefined): Promise<Page> {
  const { marts } = context;
  const weeks = await marts.read({
    mart: 'mart_product_knowledge',
    columns: [
      'kit_code',
      'kit_version_id',
      'feature_accuracy_n',
      'grounded_on',
      ...weekly.map(({ key }) => key),
    ].filter((key) => key !== 'kit'),
    where: ofKits(context, 'kit_code'),
    orderBy: ['week DESC', 'rep', 'kit_code'],
  });
  if (weeks === undefined) return martMissing(head, 'mart_product_knowledge', context);
  if (weeks.rows.length === 0) {
    const lines = await bricksToCopy(
      context,
      ({ kit, key }) => `  - {kit_code: ${kit}, brick_key: ${key}, role: feature_accuracy}`,
    );
    return emptyPage(head, notConfigured, 'No kit checks what reps say of the product.', [
      {
        text: 'Bricks named feature_accuracy, pricing_misstated, competitor_claim_valid or knowledge_gap are known by name. Others need a role in analytics.yaml (also: claim):',
        yaml: ['bricks:', ...lines].join('\n'),
      },
    ]);
  }
  const [totals] = (await marts.ask(['mart_product_knowledge'], totalsSql(context)))?.rows ?? [];
  const answer = answerOf(totals ?? {}, weeks.rows);
  const counts = countsText({ calls: countOf(totals?.['calls']), reps: countOf(totals?.['reps']) });
  const findings = [await weeklyFinding(context, weeks, answer, counts), await claimsFinding(context), gaps].filter(
    (finding) => finding !== undefined,
  );
  return { ...head, answer, counts, verdict: counted, findings };
}

const whereKits = (context: PageContext) => {
  const [condition] = ofKits(context, 'kit_code');
  return condition === undefined ? '' : `WHERE ${condition} `;
};

const totalsSql = (context: PageContext) =>
  `SELECT sum(claims_checked)::BIGINT AS claims, sum(incorrect_n)::BIGINT AS incorrect, sum(imprecise_n)::BIGINT AS imprecise,
  sum(n_calls)::BIGINT AS calls, count(DISTINCT rep) AS reps, sum(pricing_misstated_n)::BIGINT AS misstated
FROM mart_product_knowledge ${whereKits(context)}`;

function answerOf(totals: JsonObject, rows: readonly JsonObject[]): string {
  const grounds = [...new Set(rows.map((row) => textOf(row['grounded_on'])).filter((text) => text !== ''))];
  const against = grounds.length === 0 ? '' : ` Checked against ${grounds.join(', ')}.`;
  const claims = countOf(totals['claims']);
  const misstated = countOf(totals['misstated']);
  const prices = misstated > 0 ? ` Prices were misstated on ${plural(misstated, 'call')}.` : '';
  const checked =
    claims === 0
      ? 'No single claims were checked.'
      : `${plural(claims, 'claim')} checked · ${countOf(totals['incorrect'])} incorrect · ${countOf(totals['imprecise'])} imprecise.`;
  return `${checked}${prices}${against}`;
}

async function weeklyFinding(
  context: PageContext,
  weeks: { rows: readonly JsonObject[]; total: number; sql: string },
  sentence: string,
  counts: string,
): Promise<Finding> {
  const chart = await weekChart(context);
  return {
    id: 'knowledge-weekly',
    title: 'By week and rep',
    sentence,
    counts,
    verdict: counted,
    ...(chart === undefined ? {} : { charts: [chart] }),
    tables: [
      {
        caption: 'Accuracy by week, rep and kit',
        columns: weekly,
        rows: weeks.rows.map((row) => ({
          ...row,
          rep: context.names.rep(row['rep']),
          kit: context.kitLabel(row['kit_code']),
        })),
        total: weeks.total,
      },
    ],
    sql: [weeks.sql],
    cautions: ['A kit can be wrong: read the column of low confidence before speaking to a rep.'],
  };
}

async function weekChart(context: PageContext): Promise<WeekChart | undefined> {
  const found = await context.marts.ask(
    ['mart_product_knowledge'],
    `SELECT week, sum(incorrect_n)::BIGINT AS incorrect, sum(imprecise_n)::BIGINT AS imprecise, sum(pricing_misstated_n)::BIGINT AS misstated
FROM mart_product_knowledge ${whereKits(context)}GROUP BY week ORDER BY week`,
  );
  if (found === undefined || found.rows.length < 2) return undefined;
  const series = (label: string, key: string) => ({
    label,
    points: found.rows.map((row) => ({ week: textOf(row['week']), value: countOf(row[key]) })),
  });
  return {
    kind: 'weeks',
    id: 'chart-knowledge',
    title: 'Wrong statements by week',
    summary: `Incorrect and imprecise claims and misstated prices over ${plural(found.rows.length, 'week')}.`,
    axis: 'count',
    series: [
      series('incorrect', 'incorrect'),
      series('imprecise', 'imprecise'),
      series('price misstated', 'misstated'),
    ],
  };
}

async function claimsFinding(context: PageContext): Promise<Finding | undefined> {
  const { marts, includeEvidence, names } = context;
  const found = await marts.read({
    mart: 'mart_product_claims',
    columns: [
      'run_id',
      'brick_key',
      'kit_code',
      'rep',
      'verdict',
      'confidence',
      'grounded_on',
      'url',
      ...(includeEvidence ? ['claim', 'correction', 'found_in_transcript'] : []),
    ],
    where: ofKits(context, 'kit_code'),
    orderBy: ['verdict', 'confidence DESC NULLS LAST', 'run_id', 'brick_key'],
  });
  if (found === undefined || found.rows.length === 0) return undefined;
  const evidence: Column[] = includeEvidence
    ? [
        { key: 'claim', label: 'Said', kind: 'text' },
        { key: 'correction', label: 'Correction', kind: 'text' },
        { key: 'found_in_transcript', label: 'Found in the transcript', kind: 'flag' },
      ]
    : [];
  return {
    id: 'knowledge-claims',
    title: 'Claims that were checked',
    sentence: `${plural(found.total, 'claim')} checked${includeEvidence ? '' : '; what was said is left out (--include-evidence)'}.`,
    counts: plural(found.total, 'claim'),
    verdict: counted,
    tables: [
      {
        caption: 'Claims and their verdicts',
        columns: [
          { key: 'verdict', label: 'Verdict', kind: 'text' },
          { key: 'brick_key', label: 'Claim', kind: 'text' },
          ...evidence,
          { key: 'rep', label: 'Rep', kind: 'text' },
          { key: 'confidence', label: 'Confidence', kind: 'estimate' },
          { key: 'grounded_on', label: 'Checked against', kind: 'text' },
          { key: 'url', label: 'Call', kind: 'link' },
        ],
        rows: found.rows.map((row) => ({
          ...row,
          rep: names.rep(row['rep']),
          ...(includeEvidence ? { claim: textOf(row['claim']), correction: textOf(row['correction']) } : {}),
        })),
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: ['A quote that was not found in the transcript may be invented: listen before you act on it.'],
  };
}

/** Four weeks against the four before: asked before a period is cut out, which would make every gap look new. */
export async function gapsFinding({ marts }: PageContext): Promise<Finding | undefined> {
  const found = await marts.read({
    mart: 'mart_knowledge_gaps',
    columns: ['gap', 'n_calls', 'n_reps', 'first_seen', 'last_seen', 'n_4w', 'n_prev_4w'],
    orderBy: ['n_4w DESC', 'n_calls DESC', 'gap'],
  });
  const [top] = found?.rows ?? [];
  if (found === undefined || top === undefined) return undefined;
  return {
    id: 'knowledge-gaps',
    title: 'Knowledge gaps',
    sentence: `Most frequent in the last four weeks: ${textOf(top['gap'])}, on ${plural(countOf(top['n_4w']), 'call')} against ${countOf(top['n_prev_4w'])} in the four weeks before.`,
    counts: plural(found.total, 'gap'),
    verdict: counted,
    tables: [
      {
        caption: 'What reps could not answer',
        columns: [
          { key: 'gap', label: 'Gap', kind: 'text' },
          { key: 'n_4w', label: 'Last 4 weeks', kind: 'count' },
          { key: 'n_prev_4w', label: '4 weeks before', kind: 'count' },
          { key: 'n_calls', label: 'Calls', kind: 'count' },
          { key: 'n_reps', label: 'Reps', kind: 'count' },
          { key: 'first_seen', label: 'First', kind: 'date' },
          { key: 'last_seen', label: 'Last', kind: 'date' },
        ],
        rows: found.rows.map((row) => ({ ...row, gap: textOf(row['gap']) })),
        total: found.total,
      },
    ],
    sql: [found.sql],
  };
}
