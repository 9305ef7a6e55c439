// Messaging drift: is the message of a training still used, week after week (mart_messaging_drift, mart_drift_elements).
import type { JsonObject } from '../../../core/json.ts';
import type { RateChart } from '../charts/chart.ts';
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Column, Finding, Page } from '../model.ts';
import { formatShare, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { bricksToCopy, emptyPage, martMissing, ofKits } from '../page-context.ts';
import { counted, notConfigured } from '../verdicts.ts';

const head: PageHead = {
  name: 'drift',
  title: 'Messaging drift',
  question: 'Is the new message used, and for how long after the training?',
};

const mostPanels = 9;
/** A rate of fewer calls is not drawn. */
const smallestRate = 5;

const buckets: readonly Column[] = [
  { key: 'element', label: 'Element', kind: 'text' },
  { key: 'event_id', label: 'Training', kind: 'text' },
  { key: 'days', label: 'Days after', kind: 'text' },
  { key: 'n_checked', label: 'Checked', kind: 'count' },
  { key: 'n_calls', label: 'Calls', kind: 'count' },
  { key: 'n_reps', label: 'Reps', kind: 'count' },
  { key: 'used_rate', label: 'Used', kind: 'share', n: 'n_checked' },
  { key: 'used_interval', label: '95 % interval', kind: 'share_interval', n: 'n_checked' },
  { key: 'baseline_rate', label: 'Before', kind: 'share', n: 'baseline_n' },
  { key: 'delta', label: 'Change', kind: 'estimate' },
  { key: 'severity_mean', label: 'Severity, mean', kind: 'estimate' },
  { key: 'severity_p90', label: 'Severity, 90 %', kind: 'estimate' },
  { key: 'top_drift_category', label: 'Top category', kind: 'text' },
];

const elements: readonly Column[] = [
  { key: 'element', label: 'Element', kind: 'text' },
  { key: 'decay_rank', label: 'Rank', kind: 'count' },
  { key: 'used_rate_first', label: 'Used at first', kind: 'share', n: 'n_first' },
  { key: 'used_rate_last', label: 'Used at last', kind: 'share', n: 'n_last' },
  { key: 'slope_per_30d', label: 'Change in 30 days', kind: 'estimate' },
  { key: 'first_week_below_target', label: 'First week below target', kind: 'text' },
];

export async function driftPage(context: PageContext): Promise<Page> {
  const found = await context.marts.read({
    mart: 'mart_messaging_drift',
    columns: [
      ...'kit_code event_id element bucket days_since_enablement_min days_since_enablement_max n_checked n_calls n_reps'.split(
        ' ',
      ),
      ...'used_rate used_rate_low used_rate_high severity_mean severity_p90 top_drift_category baseline_n baseline_rate delta'.split(
        ' ',
      ),
    ],
    where: ofKits(context, 'kit_code'),
    orderBy: ['element', 'event_id', 'bucket', 'kit_code'],
  });
  if (found === undefined) return martMissing(head, 'mart_messaging_drift', context);
  if (found.rows.length === 0)
    return emptyPage(head, notConfigured, 'No training is set, or no kit checks its message.', await advice(context));
  const ranking = await rankingFinding(context);
  const answer = ranking?.sentence ?? `${plural(found.total, 'bucket')} of seven days after trainings were checked.`;
  const calls = found.rows.reduce((sum, row) => sum + countOf(row['n_calls']), 0);
  const counts = plural(calls, 'call');
  const chart = chartOf(found.rows);
  const weekly: Finding = {
    id: 'drift-weekly',
    title: 'Used after the training, by seven days',
    sentence: `Checked after a training: ${plural(new Set(found.rows.map((row) => textOf(row['element']))).size, 'element')} of the message.`,
    counts,
    verdict: counted,
    ...(chart === undefined ? {} : { charts: [chart] }),
    tables: [
      {
        caption: 'Used rate by element and seven days after the training',
        columns: buckets,
        rows: found.rows.map(toRow),
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: ['Fewer calls are checked in later weeks: compare intervals, not rates.'],
  };
  return {
    ...head,
    answer,
    counts,
    verdict: counted,
    notes: context.hasPeriod
      ? ['The period does not apply here: days are counted from the training, and the baseline lies before it.']
      : [],
    findings: ranking === undefined ? [weekly] : [ranking, weekly],
  };
}

async function advice(context: PageContext) {
  const lines = await bricksToCopy(
    context,
    ({ kit, key }) => `  - {kit_code: ${kit}, brick_key: ${key}, role: approved_messaging_used, element: ${key}}`,
  );
  return [
    {
      text: 'Name the training, in analytics.yaml; bricks named approved_messaging_used, drift_category and drift_severity are known by name, others need a role:',
      yaml: [
        'enablement:',
        '  - {event_id: kickoff, element: value_prop, trained_on: 2026-06-01}',
        'bricks:',
        ...lines,
      ].join('\n'),
    },
  ];
}

function toRow(row: JsonObject) {
  const [low, high] = [row['used_rate_low'] ?? null, row['used_rate_high'] ?? null];
  const [from, to] = ['days_since_enablement_min', 'days_since_enablement_max'].map((key) => textOf(row[key]));
  return { ...row, days: `${from}–${to}`, used_interval: low === null || high === null ? null : [low, high] };
}

function chartOf(rows: readonly JsonObject[]): RateChart | undefined {
  const names = [...new Set(rows.map((row) => textOf(row['element'])))].slice(0, mostPanels);
  const facets = names.map((label) => ({
    label,
    points: rows
      .filter((row) => textOf(row['element']) === label && countOf(row['n_checked']) >= smallestRate)
      .flatMap((row) => {
        const [x, rate] = [numberOf(row['days_since_enablement_min']), numberOf(row['used_rate'])];
        if (x === undefined || rate === undefined) return [];
        return [
          { x, rate, low: numberOf(row['used_rate_low']) ?? null, high: numberOf(row['used_rate_high']) ?? null },
        ];
      })
      .sort((a, b) => a.x - b.x),
  }));
  const drawn = facets.filter(({ points }) => points.length >= 2);
  if (drawn.length === 0) return undefined;
  return {
    kind: 'rates',
    id: 'chart-drift',
    title: 'Share of checked calls that use the message',
    summary: `${plural(drawn.length, 'element')} over the days after their training, with 95 % intervals.`,
    axis: 'used',
    across: 'days after the training',
    facets: drawn,
  };
}

async function rankingFinding({ marts }: PageContext): Promise<Finding | undefined> {
  const found = await marts.read({
    mart: 'mart_drift_elements',
    columns: ['kit_code', 'n_first', 'n_last', ...elements.map(({ key }) => key)],
    orderBy: ['decay_rank NULLS LAST', 'element', 'kit_code'],
  });
  const [first] = found?.rows ?? [];
  if (found === undefined || first === undefined) return undefined;
  const slope = numberOf(first['slope_per_30d']) ?? 0;
  const [from, to] = [numberOf(first['used_rate_first']), numberOf(first['used_rate_last'])];
  const change =
    from === undefined || to === undefined
      ? ''
      : `: used in ${formatShare(from, countOf(first['n_first']))} of the calls at first, ${formatShare(to, countOf(first['n_last']))} at last`;
  return {
    id: 'drift-ranking',
    title: 'What fades fastest',
    sentence: `${slope < 0 ? 'Steepest decline' : 'Nothing declines; least gain'}: ${textOf(first['element'])}${change}.`,
    counts: plural(found.total, 'element'),
    verdict: counted,
    tables: [{ caption: 'Elements of the message by decay', columns: elements, rows: found.rows, total: found.total }],
    sql: [found.sql],
    cautions: ['A rank compares slopes without their intervals: look at those by seven days before you act on it.'],
  };
}
