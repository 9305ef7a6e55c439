// Pricing and packaging: a weekly audit and its exceptions (mart_pricing_audit_weekly, mart_pricing_exceptions).
import type { JsonObject } from '../../../core/json.ts';
import type { WeekChart } from '../charts/chart.ts';
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Column, Finding, Page } from '../model.ts';
import { formatDate, formatMoney, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { bricksToCopy, emptyPage, martMissing, ofKits } from '../page-context.ts';
import { counted, countsText, notConfigured } from '../verdicts.ts';

const head: PageHead = {
  name: 'pricing',
  title: 'Pricing and packaging',
  question: 'Are prices and packages quoted as they are?',
};

const weekly: readonly Column[] = [
  { key: 'week', label: 'Week from', kind: 'date' },
  { key: 'team', label: 'Team', kind: 'text' },
  { key: 'currency', label: 'Currency', kind: 'text' },
  { key: 'n_calls', label: 'Calls', kind: 'count' },
  { key: 'n_tier_checked', label: 'Tiers checked', kind: 'count' },
  { key: 'tier_correct_rate', label: 'Tier correct', kind: 'share', n: 'n_tier_checked' },
  { key: 'tier_interval', label: '95 % interval', kind: 'share_interval', n: 'n_tier_checked' },
  { key: 'discount_exceeded_n', label: 'Discount too high', kind: 'count' },
  { key: 'packaging_outdated_n', label: 'Package outdated', kind: 'count' },
  { key: 'risk_high_n', label: 'Risk high', kind: 'count' },
  { key: 'risk_medium_n', label: 'Risk medium', kind: 'count' },
  { key: 'deals_exposed', label: 'Open deals exposed', kind: 'count' },
  { key: 'amount_exposed', label: 'Amount exposed', kind: 'money', currency: 'currency' },
];

export async function pricingPage(context: PageContext): Promise<Page> {
  const found = await context.marts.read({
    mart: 'mart_pricing_audit_weekly',
    columns: [
      ...'week team currency n_calls n_tier_checked tier_correct_rate tier_correct_low tier_correct_high'.split(' '),
      ...'discount_exceeded_n packaging_outdated_n risk_high_n risk_medium_n deals_exposed amount_exposed amount_at_risk'.split(
        ' ',
      ),
    ],
    orderBy: ['week DESC', 'team', 'currency'],
  });
  if (found === undefined) return martMissing(head, 'mart_pricing_audit_weekly', context);
  const [newest] = found.rows;
  if (newest === undefined) {
    const lines = await bricksToCopy(
      context,
      ({ kit, key }) => `  - {kit_code: ${kit}, brick_key: ${key}, role: pricing_tier_correct}`,
    );
    return emptyPage(head, notConfigured, 'No kit checks prices.', [
      {
        text: 'Bricks named pricing_tier_correct, discount_authority_exceeded, packaging_outdated or commercial_risk_level are known by name. Others need a role in analytics.yaml:',
        yaml: ['bricks:', ...lines].join('\n'),
      },
    ]);
  }
  const exceptions = await exceptionsFinding(context);
  const answer = answerOf(found.rows, textOf(newest['week']));
  const calls = found.rows
    .filter((row) => row['week'] === newest['week'])
    .reduce((sum, row) => sum + countOf(row['n_calls']), 0);
  const counts = countsText({ calls });
  const chart = await weekChart(context);
  const hasAssumption = found.rows.some((row) => numberOf(row['amount_at_risk']) !== undefined);
  const columns: readonly Column[] = hasAssumption
    ? [...weekly, { key: 'amount_at_risk', label: 'At risk (assumption)', kind: 'money', currency: 'currency' }]
    : weekly;
  const audit: Finding = {
    id: 'pricing-weekly',
    title: 'Weekly audit',
    sentence: answer,
    counts,
    verdict: counted,
    ...(chart === undefined ? {} : { charts: [chart] }),
    tables: [{ caption: 'Audit by week, team and currency', columns, rows: found.rows.map(toRow), total: found.total }],
    sql: [found.sql],
    cautions: [
      'An open deal stands once in a week, and again in every week with an error: amounts of several weeks do not add up.',
      ...(hasAssumption
        ? [
            'The amount at risk is the exposed amount times a leakage rate that was set by hand (assumed_leakage_rate): an assumption, not a measurement.',
          ]
        : []),
    ],
  };
  return {
    ...head,
    answer,
    counts,
    verdict: counted,
    findings: exceptions === undefined ? [audit] : [audit, exceptions],
  };
}

function toRow(row: JsonObject) {
  const [low, high] = [row['tier_correct_low'] ?? null, row['tier_correct_high'] ?? null];
  return { ...row, tier_interval: low === null || high === null ? null : [low, high] };
}

/** Of the newest week: rows of several weeks hold the same deal. */
function answerOf(rows: readonly JsonObject[], week: string): string {
  const newest = rows.filter((row) => textOf(row['week']) === week);
  const sum = (key: string) => newest.reduce((total, row) => total + countOf(row[key]), 0);
  const wrong = ['discount_exceeded_n', 'packaging_outdated_n'].map(sum);
  const exposed = newest.filter((row) => countOf(row['amount_exposed']) > 0);
  const amounts = [...new Set(exposed.map((row) => textOf(row['currency'])))].map((currency) =>
    formatMoney(
      exposed
        .filter((row) => textOf(row['currency']) === currency)
        .reduce((total, row) => total + countOf(row['amount_exposed']), 0),
      currency,
    ),
  );
  const money = amounts.length === 0 ? 'no open deal is exposed' : `${amounts.join(' and ')} exposed in open deals`;
  return `In the newest week (from ${formatDate(week)}): ${plural(wrong[0] ?? 0, 'discount')} above authority, ${plural(wrong[1] ?? 0, 'outdated package')}, ${plural(sum('risk_high_n'), 'call')} at high risk; ${money}.`;
}

async function weekChart({ marts }: PageContext): Promise<WeekChart | undefined> {
  const found = await marts.ask(
    ['mart_pricing_audit_weekly'],
    `SELECT week, sum(discount_exceeded_n)::BIGINT AS discount, sum(packaging_outdated_n)::BIGINT AS packaging, sum(risk_high_n)::BIGINT AS risk
FROM mart_pricing_audit_weekly GROUP BY week ORDER BY week`,
  );
  if (found === undefined || found.rows.length < 2) return undefined;
  const series = (label: string, key: string) => ({
    label,
    points: found.rows.map((row) => ({ week: textOf(row['week']), value: countOf(row[key]) })),
  });
  return {
    kind: 'weeks',
    id: 'chart-pricing',
    title: 'Exceptions by week',
    summary: `Discounts above authority, outdated packages and calls at high risk over ${plural(found.rows.length, 'week')}.`,
    axis: 'count',
    series: [
      series('discount too high', 'discount'),
      series('package outdated', 'packaging'),
      series('risk high', 'risk'),
    ],
  };
}

async function exceptionsFinding(context: PageContext): Promise<Finding | undefined> {
  const { marts, includeEvidence, names } = context;
  const found = await marts.read({
    mart: 'mart_pricing_exceptions',
    columns: [
      ...'call_id brick_key kit_code rep team account_name opportunity_id amount currency value risk confidence found_in_transcript url started_at'.split(
        ' ',
      ),
      ...(includeEvidence ? ['reason', 'evidence'] : []),
    ],
    where: ofKits(context, 'kit_code'),
    orderBy: ['started_at DESC', 'amount DESC NULLS LAST', 'call_id', 'brick_key'],
  });
  if (found === undefined || found.rows.length === 0) return undefined;
  const evidence: Column[] = includeEvidence
    ? [
        { key: 'reason', label: 'Reason', kind: 'text' },
        { key: 'evidence', label: 'Quotes', kind: 'text' },
        { key: 'found_in_transcript', label: 'Found in the transcript', kind: 'flag' },
      ]
    : [];
  return {
    id: 'pricing-exceptions',
    title: 'Exceptions',
    sentence: `${plural(found.total, 'answer')} name a price, a discount or a package that is not as it should be.`,
    counts: plural(found.total, 'exception'),
    verdict: counted,
    tables: [
      {
        caption: 'Exceptions, the newest first',
        columns: [
          { key: 'brick_key', label: 'What', kind: 'text' },
          { key: 'value', label: 'Answer', kind: 'text' },
          { key: 'risk', label: 'Risk', kind: 'text' },
          { key: 'account', label: 'Account', kind: 'text' },
          { key: 'amount', label: 'Amount', kind: 'money', currency: 'currency' },
          { key: 'rep', label: 'Rep', kind: 'text' },
          { key: 'team', label: 'Team', kind: 'text' },
          { key: 'confidence', label: 'Confidence', kind: 'estimate' },
          ...evidence,
          { key: 'url', label: 'Call', kind: 'link' },
        ],
        rows: found.rows.map(({ account_name: account, ...row }) => ({
          ...row,
          account: names.account(account),
          rep: names.rep(row['rep']),
          value: textOf(row['value']),
          ...(includeEvidence ? { reason: textOf(row['reason']), evidence: quotes(row['evidence']) } : {}),
        })),
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: [
      'An answer of low confidence, or with a quote that is not in the transcript, is a reason to listen, not a finding.',
    ],
  };
}

function quotes(evidence: JsonObject[string] | undefined): string {
  return Array.isArray(evidence) ? evidence.map((quote) => `“${textOf(quote)}”`).join(' ') : '';
}
