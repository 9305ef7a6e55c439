// Can the scorer be trusted: the same text again, people against kits, a silent change behind a version (mart_scorer_trust).
import type { JsonObject } from '../../../core/json.ts';
import type { IntervalChart } from '../charts/chart.ts';
import { countOf, type MartRows, numberOf, textOf } from '../mart-reader.ts';
import type { Column, Finding, Page, Row } from '../model.ts';
import { formatEstimate, formatInterval, formatShare, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { emptyPage, martMissing, ofKits } from '../page-context.ts';
import { counted, noData } from '../verdicts.ts';

const head: PageHead = {
  name: 'trust',
  title: 'Can the scorer be trusted?',
  question: 'Would a kit say the same again, and would people say the same?',
};

const mostBars = 20;
/** Pairs below which a share is not drawn. */
const smallestRate = 5;

const read =
  'kit_code kit_version_id brick_key value_kind comparison month reviewer is_analysed_version n_pairs n_equal share_equal share_equal_low share_equal_high statistic reliability reliability_low reliability_high drift pairs_missing is_stale'.split(
    ' ',
  );

const columns: readonly Column[] = [
  { key: 'brick_key', label: 'Brick', kind: 'text' },
  { key: 'kit', label: 'Kit', kind: 'text' },
  { key: 'comparison', label: 'Compared', kind: 'text' },
  { key: 'reviewer', label: 'Reviewer', kind: 'text' },
  { key: 'n_pairs', label: 'Pairs', kind: 'count' },
  { key: 'share_equal', label: 'Equal', kind: 'share', n: 'n_pairs' },
  { key: 'share_interval', label: '95 % interval', kind: 'share_interval', n: 'n_pairs' },
  { key: 'statistic', label: 'Statistic', kind: 'text' },
  { key: 'reliability', label: 'Reliability', kind: 'estimate' },
  { key: 'interval', label: '95 % interval', kind: 'interval' },
  { key: 'drift', label: 'Changed of late', kind: 'flag' },
];

const words: Readonly<Record<string, string>> = {
  test_retest: 'the same text twice',
  human: 'people and kit',
};

export async function trustPage(context: PageContext): Promise<Page> {
  const order = ['n_pairs DESC', 'comparison', 'kit_code', 'kit_version_id', 'brick_key', 'value_kind', 'reviewer'];
  const ofAll = await context.marts.read({
    mart: 'mart_scorer_trust',
    columns: read,
    where: [...ofKits(context, 'kit_code'), 'month IS NULL'],
    orderBy: order,
  });
  if (ofAll === undefined) return martMissing(head, 'mart_scorer_trust', context);
  const [lead] = ofAll.rows;
  if (lead === undefined) return neverMeasured(context);
  const byMonth = await context.marts.read({
    mart: 'mart_scorer_trust',
    columns: read,
    where: [...ofKits(context, 'kit_code'), 'month IS NOT NULL', 'reviewer IS NULL'],
    orderBy: ['month DESC', ...order.slice(1, -1)],
  });
  const overall = overallFinding(context, ofAll);
  const findings =
    byMonth === undefined || byMonth.rows.length === 0 ? [overall] : [overall, monthFinding(context, byMonth)];
  const notes = ofAll.rows.some((row) => row['is_stale'] === true)
    ? [`The reliabilities are older than the data. Refresh them: gong-elt analyze --in ${context.shown}`]
    : [];
  return { ...head, answer: overall.sentence, counts: overall.counts, verdict: counted, notes, findings };
}

/** Nobody evaluated a text twice or answered a scorecard: what it would take, and what that would buy. */
async function neverMeasured(context: PageContext): Promise<Page> {
  const found = await context.marts.ask(
    ['kit_versions'],
    'SELECT kit_code, kit_label FROM kit_versions ORDER BY n_runs DESC, kit_code',
  );
  const [kit] = found?.rows ?? [];
  const code = kit === undefined ? 'CODE' : textOf(kit['kit_code']);
  return emptyPage(head, noData, 'Not measured: no text was evaluated twice, and no scorecard is mapped to a brick.', [
    {
      text: 'Evaluate some calls a second time. It says what it will buy (one run a call), and asks first; 30 are enough for a first answer:',
      command: `gong-elt evaluate --in ${context.shown} --kit ${code} --again 1 --max-runs 30`,
    },
    {
      text: 'Or map questions of Gong’s scorecards to bricks, in analytics.yaml:',
      yaml: `scorecards:\n  - {question: ID_OF_THE_QUESTION, kit_code: ${code}, brick_key: overall_score}`,
    },
  ]);
}

function overallFinding(context: PageContext, found: MartRows): Finding {
  const rows = found.rows.filter((row) => textOf(row['reviewer']) === '');
  const [first] = rows;
  const changed = rows.filter((row) => row['drift'] === true);
  const pairs = countOf(first?.['n_pairs']);
  const chart = chartOf(context, rows);
  const drift =
    changed.length === 0
      ? ''
      : ` ${plural(changed.length, 'brick')} changed of late though the version did not: ${changed.map((row) => textOf(row['brick_key'])).join(', ')}.`;
  return {
    id: 'trust-overall',
    title: 'Agreement by brick',
    sentence: `${first === undefined ? '' : sentenceOf(first, context)}${drift}`,
    counts: plural(pairs, 'pair'),
    verdict: counted,
    ...(chart === undefined ? {} : { charts: [chart] }),
    tables: [
      {
        caption: 'Agreement of a kit with itself and with people',
        columns,
        rows: found.rows.map((row) => toRow(row, context)),
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: [
      'Agreement with itself is no truth: a kit can be wrong the same way twice.',
      'The estimates of the other pages are not corrected for it.',
    ],
  };
}

function sentenceOf(row: JsonObject, { kitLabel }: PageContext): string {
  const n = countOf(row['n_pairs']);
  const brick = `${textOf(row['brick_key'])} (${kitLabel(row['kit_code'])})`;
  const what = row['comparison'] === 'human' ? 'people and kit agree' : 'the same text got the same answer';
  const share = numberOf(row['share_equal']);
  const equal =
    share === undefined || n < smallestRate
      ? `${countOf(row['n_equal'])} of ${plural(n, 'time')}`
      : `in ${formatShare(share, n)} of ${plural(n, 'pair')}`;
  const reliability = numberOf(row['reliability']);
  const limits = formatInterval(row['reliability_low'], row['reliability_high'], formatEstimate);
  const measured =
    reliability === undefined ? '' : `; ${textOf(row['statistic'])} ${formatEstimate(reliability)} ${limits}`.trimEnd();
  return `For ${brick}, ${what} ${equal}${measured}.`;
}

function monthFinding(context: PageContext, found: MartRows): Finding {
  return {
    id: 'trust-months',
    title: 'By month: does a version stay the same?',
    sentence: `Agreement over ${plural(new Set(found.rows.map((row) => textOf(row['month']))).size, 'month')}.`,
    counts: plural(found.total, 'row'),
    verdict: counted,
    tables: [
      {
        caption: 'Agreement by month of the later run',
        columns: [
          { key: 'month', label: 'Month from', kind: 'date' },
          ...columns.filter(({ key }) => key !== 'drift' && key !== 'reviewer'),
        ],
        rows: found.rows.map((row) => toRow(row, context)),
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: ['A vendor can change the model behind a version without saying so.'],
  };
}

function toRow(row: JsonObject, { kitLabel, names }: PageContext): Row {
  const pair = (low: string, high: string) =>
    numberOf(row[low]) === undefined || numberOf(row[high]) === undefined
      ? null
      : [row[low] ?? null, row[high] ?? null];
  return {
    ...row,
    kit: kitLabel(row['kit_code']),
    comparison: words[textOf(row['comparison'])] ?? row['comparison'] ?? null,
    // Who answered a scorecard is a person, whatever the mart calls them.
    reviewer: names.rep(row['reviewer']),
    share_interval: pair('share_equal_low', 'share_equal_high'),
    interval: pair('reliability_low', 'reliability_high'),
  };
}

function chartOf({ kitLabel }: PageContext, rows: readonly JsonObject[]): IntervalChart | undefined {
  const drawn = rows
    .filter((row) => countOf(row['n_pairs']) >= smallestRate && numberOf(row['share_equal']) !== undefined)
    .slice(0, mostBars);
  if (drawn.length === 0) return undefined;
  return {
    kind: 'intervals',
    id: 'chart-trust',
    title: 'Share of equal answers, 95 % intervals',
    summary: `${plural(drawn.length, 'brick')}; 1 is always the same answer.`,
    axis: 'share of equal answers',
    rows: drawn.map((row) => ({
      label: `${textOf(row['brick_key'])} · ${kitLabel(row['kit_code'])}`,
      estimate: numberOf(row['share_equal']) ?? 0,
      low: numberOf(row['share_equal_low']) ?? null,
      high: numberOf(row['share_equal_high']) ?? null,
      isFirm: countOf(row['n_pairs']) >= 30,
    })),
  };
}
