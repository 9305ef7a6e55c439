// What goes with winning: every feature against the outcome of its deals (mart_win_correlation).
import type { JsonObject } from '../../../core/json.ts';
import type { IntervalChart } from '../charts/chart.ts';
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Column, Finding, Page, Row } from '../model.ts';
import { formatCount, formatEstimate, formatInterval, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { emptyPage, martMissing, ofKits } from '../page-context.ts';
import { countsText, indicativeNote, isEstimated, missingText, noData, stateOf, verdictOf } from '../verdicts.ts';

const head: PageHead = {
  name: 'winning',
  title: 'What goes with winning',
  question: 'Which answers go with won deals?',
};

const mostBars = 20;
const worthALook = 0.1;

const read =
  'kit_code kit_version_id brick_key value_kind level aggregation n_calls n_deals n_won n_lost win_rate win_rate_low win_rate_high estimate ci_low ci_high boot_low boot_high first_call within_stage within_rep caution any_call without_last_14d confident_only auc auc_low auc_high spearman r_ceiling mean_won mean_lost win_rate_if_true win_rate_if_true_low win_rate_if_true_high win_rate_if_false win_rate_if_false_low win_rate_if_false_high risk_difference p_value q_value tests_in_family verdict former_version_id former_estimate deals_missing won_missing lost_missing with_missing without_missing is_stale'.split(
    ' ',
  );

const sensitivity: readonly Column[] = [
  { key: 'feature', label: 'Feature', kind: 'text' },
  { key: 'kit', label: 'Kit', kind: 'text' },
  { key: 'n_deals', label: 'Deals', kind: 'count' },
  { key: 'estimate', label: 'Estimate', kind: 'estimate' },
  { key: 'interval', label: '95 % interval', kind: 'interval' },
  { key: 'q_value', label: 'q', kind: 'probability' },
  { key: 'first_call', label: 'First call only', kind: 'estimate' },
  { key: 'within_stage', label: 'Within stage', kind: 'estimate' },
  { key: 'within_rep', label: 'Within rep', kind: 'estimate' },
  { key: 'without_last_14d', label: 'Without last 14 days', kind: 'estimate' },
  { key: 'confident_only', label: 'Confident only', kind: 'estimate' },
  { key: 'caution', label: 'Caution', kind: 'text' },
  { key: 'verdict', label: 'Verdict', kind: 'text' },
];

const details: readonly Column[] = [
  { key: 'feature', label: 'Feature', kind: 'text' },
  { key: 'kit', label: 'Kit', kind: 'text' },
  { key: 'n_calls', label: 'Calls', kind: 'count' },
  { key: 'n_won', label: 'Won', kind: 'count' },
  { key: 'n_lost', label: 'Lost', kind: 'count' },
  { key: 'mean_won', label: 'Mean, won', kind: 'estimate' },
  { key: 'mean_lost', label: 'Mean, lost', kind: 'estimate' },
  { key: 'win_rate_if_true', label: 'Won, with it', kind: 'share', n: 'n_deals' },
  { key: 'win_rate_if_false', label: 'Won, without', kind: 'share', n: 'n_deals' },
  { key: 'auc', label: 'AUC', kind: 'estimate' },
  { key: 'auc_interval', label: 'AUC, 95 %', kind: 'interval' },
  { key: 'r_ceiling', label: 'Ceiling of r', kind: 'estimate' },
  { key: 'fisher', label: 'Fisher 95 % (conservative)', kind: 'interval' },
  { key: 'p_value', label: 'p', kind: 'probability' },
];

const cautions: Readonly<Record<string, string>> = {
  stage: 'turns over or fades within stage: it may only say how far deals got',
  rep: 'turns over or fades within rep: it may only say whose deals they are',
  exposure: 'turns over or fades on first calls: it may only say how many calls a deal had',
};

export async function winningPage(context: PageContext): Promise<Page> {
  const found = await context.marts.read({
    mart: 'mart_win_correlation',
    columns: read,
    where: ofKits(context, 'kit_code'),
    orderBy: ['abs(estimate) DESC NULLS LAST', 'n_deals DESC', 'kit_code', 'brick_key', 'value_kind', 'level'],
  });
  if (found === undefined) return martMissing(head, 'mart_win_correlation', context);
  const features: readonly JsonObject[] = found.rows.map((row) => ({ ...row, kit: context.kitLabel(row['kit_code']) }));
  const lead = leadOf(features);
  if (lead === undefined)
    return emptyPage(head, noData, 'No run of a kit has an answer yet.', [
      { text: 'Have calls evaluated by a kit:', command: `gong-elt sync --to ${context.shown}` },
    ]);
  const verdict = verdictOf(lead);
  const rows = features.map(toRow);
  const counts = countsText({
    deals: countOf(lead['n_deals']),
    won: countOf(lead['n_won']),
    calls: countOf(lead['n_calls']),
  });
  const estimated = features.filter((row) => isEstimated(verdictOf(row)) && numberOf(row['estimate']) !== undefined);
  const answer = answerOf(lead, estimated, found.total);
  const note = indicativeNote(verdict);
  const finding: Finding = {
    id: 'winning-features',
    title: 'Features by the size of their estimate',
    sentence: answer,
    ...(isEstimated(verdict) ? { estimate: estimateText(lead) } : {}),
    counts,
    verdict,
    ...(note === undefined ? {} : { note }),
    ...(estimated.length === 0 ? {} : { charts: [chartOf(estimated)] }),
    tables: [
      {
        caption: 'What goes with winning, and what stands beside each estimate',
        columns: sensitivity,
        rows,
        total: found.total,
      },
      { caption: 'Counts, means and tests', columns: details, rows, total: found.total },
    ],
    sql: [found.sql, found.sql],
    cautions: whatCouldBeWrong(lead, features),
  };
  return {
    ...head,
    answer,
    counts,
    verdict,
    ...staleNotes(features, context),
    ...adviceFor(verdict.state, context),
    findings: [finding],
  };
}

/** The row that the page speaks of: the largest estimate of the firmest verdict, else the one with most deals. */
function leadOf(rows: readonly JsonObject[]): JsonObject | undefined {
  const of = (state: string) => rows.find((row) => stateOf(row) === state && numberOf(row['estimate']) !== undefined);
  const most = rows.toSorted((a, b) => countOf(b['n_deals']) - countOf(a['n_deals']))[0];
  return of('usable') ?? of('indicative') ?? most;
}

function featureOf(row: JsonObject): string {
  const level = textOf(row['level']);
  return level === '' ? textOf(row['brick_key']) : `${textOf(row['brick_key'])} = ${level}`;
}

const kitOf = (row: JsonObject) => textOf(row['kit']);

/** Bootstrap limits lead where they were computed: Fisher's are too wide for an outcome of two values. */
function limitsOf(row: JsonObject): [number, number] | null {
  const limits = (low: string, high: string): [number, number] | null => {
    const [from, to] = [numberOf(row[low]), numberOf(row[high])];
    return from === undefined || to === undefined ? null : [from, to];
  };
  return limits('boot_low', 'boot_high') ?? limits('ci_low', 'ci_high');
}

function estimateText(row: JsonObject): string {
  const estimate = numberOf(row['estimate']);
  const [low, high] = limitsOf(row) ?? [];
  if (estimate === undefined) return '';
  return [formatEstimate(estimate), formatInterval(low, high, formatEstimate)].filter(Boolean).join(' ');
}

function answerOf(lead: JsonObject, estimated: readonly JsonObject[], total: number): string {
  const state = stateOf(lead);
  if (state === 'no_outcome') return 'No deal with an answer has closed yet, so nothing can be compared.';
  if (state === 'no_variation') return 'Every deal has the same value or the same outcome, so nothing can be compared.';
  if (state === 'too_few') return `Too few closed deals to say: needs ${missingText(lead)}.`;
  const tested = estimated.filter((row) => numberOf(row['q_value']) !== undefined);
  const notable = tested.filter((row) => (numberOf(row['q_value']) ?? 1) < worthALook);
  const strongest = `${featureOf(lead)} (${kitOf(lead)}) goes with winning ${direction(lead)}: ${estimateText(lead)}`;
  const caution = cautions[textOf(lead['caution'])];
  const but = caution === undefined ? '' : `, but it ${caution}`;
  const family = countOf(tested[0]?.['tests_in_family']) || tested.length;
  if (tested.length === 0)
    return `Largest of ${plural(total, 'feature')}: ${strongest}${but}. Not yet tested against chance.`;
  return notable.length === 0
    ? `Nothing stands out: of ${plural(family, 'test')} none has q below 0.10. Largest: ${strongest}${but}.`
    : `${strongest}${but}. Of ${plural(family, 'test')}, ${formatCount(notable.length)} ${notable.length === 1 ? 'is' : 'are'} worth a look (q below 0.10).`;
}

function direction(row: JsonObject): string {
  return (numberOf(row['estimate']) ?? 0) < 0 ? 'the other way round' : 'most';
}

function toRow(row: JsonObject): Row {
  const shown = isEstimated(verdictOf(row));
  const pair = (low: string, high: string) =>
    numberOf(row[low]) === undefined || numberOf(row[high]) === undefined
      ? null
      : [row[low] ?? null, row[high] ?? null];
  const hidden =
    'estimate first_call within_stage within_rep without_last_14d confident_only auc r_ceiling p_value q_value'.split(
      ' ',
    );
  return {
    ...row,
    ...(shown ? {} : Object.fromEntries(hidden.map((key) => [key, null]))),
    feature: featureOf(row),
    interval: shown ? limitsOf(row) : null,
    fisher: shown ? pair('ci_low', 'ci_high') : null,
    auc_interval: shown ? pair('auc_low', 'auc_high') : null,
    caution: cautions[textOf(row['caution'])] ?? row['caution'] ?? null,
    verdict: verdictOf(row).words,
  };
}

function chartOf(estimated: readonly JsonObject[]): IntervalChart {
  const rows = estimated.slice(0, mostBars).map((row) => {
    const [low, high] = limitsOf(row) ?? [];
    return {
      label: `${featureOf(row)} · ${kitOf(row)}`,
      estimate: numberOf(row['estimate']) ?? 0,
      low: low ?? null,
      high: high ?? null,
      isFirm: stateOf(row) === 'usable',
    };
  });
  const left = estimated.length - rows.length;
  return {
    kind: 'intervals',
    id: 'chart-winning',
    title: `Correlation with winning, 95 % intervals${left > 0 ? ` (the ${mostBars} largest of ${estimated.length})` : ''}`,
    summary: `${plural(rows.length, 'feature')} by the size of the estimate; ${rows.filter(({ low, high }) => (low ?? -1) > 0 || (high ?? 1) < 0).length} of the intervals leave out zero.`,
    axis: 'goes with losing ← correlation → goes with winning',
    rows,
  };
}

function whatCouldBeWrong(lead: JsonObject, rows: readonly JsonObject[]): string[] {
  const tests =
    countOf(rows.find((row) => numberOf(row['tests_in_family']) !== undefined)?.['tests_in_family']) || rows.length;
  const carrying = rows.filter((row) => textOf(row['caution']) !== '').length;
  const ceiling = numberOf(lead['r_ceiling']);
  const estimate = Math.abs(numberOf(lead['estimate']) ?? 0);
  return [
    carrying > 0 &&
      `${plural(carrying, 'estimate')} turn over or fade within stage, within rep or on first calls: see the column caution.`,
    tests > 20 && `${formatCount(tests)} features were tested: some stand out by chance. Read q, not p.`,
    ceiling !== undefined &&
      estimate > 0.9 * ceiling &&
      `The largest r is near its ceiling at this win rate (${formatEstimate(ceiling)}): look whether the score was made after the outcome was known.`,
    'Going with winning is no cause: what makes a deal go well may make both.',
  ].filter((line) => line !== false);
}

function staleNotes(rows: readonly JsonObject[], { shown }: PageContext): Pick<Page, 'notes'> {
  return rows.some((row) => row['is_stale'] === true)
    ? { notes: [`Bootstrap limits, p and q are older than the data. Refresh them: gong-elt analyze --in ${shown}`] }
    : {};
}

function adviceFor(state: string, { shown }: PageContext): Pick<Page, 'advice'> {
  return state === 'no_outcome'
    ? {
        advice: [
          {
            text: 'Outcomes come from CRM fields or stages that Gong knows, or from a file:',
            command: `gong-elt import outcomes deals.csv --to ${shown}`,
          },
        ],
      }
    : {};
}
