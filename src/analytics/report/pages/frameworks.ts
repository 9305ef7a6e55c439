// Framework A/B: two kits on the same deals (mart_framework_ab, mart_framework_roc).
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Chart, RocChart } from '../charts/chart.ts';
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Finding, Page, Row } from '../model.ts';
import { formatEstimate, formatInterval, formatProbability, formatShare, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { emptyPage, martMissing, ofKits } from '../page-context.ts';
import {
  countsText,
  indicativeNote,
  isEstimated,
  missingText,
  noData,
  stateOf,
  textOr,
  verdictOf,
} from '../verdicts.ts';
import { abColumns, comparisonRows } from './framework-table.ts';

const head: PageHead = {
  name: 'frameworks',
  title: 'Framework A/B',
  question: 'Which framework’s score goes with winning?',
};

/** Pairs that get charts and a table of their own; the rest stands in the SQL. */
const mostPairs = 6;

export async function frameworksPage(context: PageContext): Promise<Page> {
  const found = await context.marts.read({
    mart: 'mart_framework_ab',
    columns: abColumns,
    where: ofKits(context, 'kit_code_a', 'kit_code_b'),
    orderBy: ['n_deals DESC', 'kit_code_a', 'kit_code_b'],
    limit: mostPairs,
  });
  if (found === undefined) return martMissing(head, 'mart_framework_ab', context);
  const [lead] = found.rows;
  if (lead === undefined)
    return emptyPage(head, noData, 'Two kits with a score on the same calls are needed to compare them.', [
      {
        text: 'Have the calls that are stored evaluated by a second kit:',
        command: `gong-elt evaluate --in ${context.shown} --kit CODE`,
      },
    ]);
  const findings = await Promise.all(found.rows.map((row, index) => pairFinding(row, index, found.sql, context)));
  const verdict = verdictOf(lead);
  const more = found.total - found.rows.length;
  const notes = [
    ...(found.rows.some((row) => row['is_stale'] === true)
      ? [`Bootstrap limits and tests are older than the data. Refresh them: gong-elt analyze --in ${context.shown}`]
      : []),
    ...(more > 0 ? [`${plural(more, 'more pair')} of kits: ${found.sql}`] : []),
  ];
  const counts = countsText({
    deals: countOf(lead['n_deals']),
    won: countOf(lead['n_won']),
    calls: countOf(lead['n_common_calls']),
  });
  return { ...head, answer: findings[0]?.sentence ?? '', counts, verdict, notes, findings };
}

async function pairFinding(row: JsonObject, index: number, sql: string, context: PageContext): Promise<Finding> {
  const verdict = verdictOf(row);
  const shown = isEstimated(verdict);
  const note = indicativeNote(verdict);
  const [a, b] = labelsOf(row);
  const roc = shown ? await rocOf(row, index, context) : undefined;
  return {
    id: `frameworks-${index + 1}`,
    title: `${a} and ${b}`,
    sentence: sentenceOf(row),
    ...(shown ? { estimate: `difference ${differenceText(row)}` } : {}),
    counts: countsText({
      deals: countOf(row['n_deals']),
      won: countOf(row['n_won']),
      calls: countOf(row['n_common_calls']),
    }),
    verdict,
    ...(note === undefined ? {} : { note }),
    ...(shown ? { charts: [...intervalCharts(row, index), ...(roc === undefined ? [] : [roc])] } : {}),
    tables: [
      {
        caption: `${a} and ${b} on the same deals`,
        columns: [
          { key: 'measure', label: 'Measure', kind: 'text' },
          { key: 'a', label: a, kind: 'text' },
          { key: 'b', label: b, kind: 'text' },
          { key: 'difference', label: 'Difference', kind: 'text' },
        ],
        ...tableRows(row, shown),
      },
    ],
    sql: [sql],
    cautions: cautionsOf(row),
  };
}

function tableRows(row: JsonObject, shown: boolean): { rows: Row[]; total: number } {
  const rows = comparisonRows(row, shown, differenceText(row));
  return { rows, total: rows.length };
}

function labelsOf(row: JsonObject): [string, string] {
  return [textOr(row['kit_label_a'], textOf(row['kit_code_a'])), textOr(row['kit_label_b'], textOf(row['kit_code_b']))];
}

function differenceText(row: JsonObject): string {
  const difference = numberOf(row['difference']);
  if (difference === undefined) return '';
  const interval = formatInterval(row['difference_low'], row['difference_high'], formatEstimate);
  return `${formatEstimate(difference)} ${interval}`.trim();
}

function sentenceOf(row: JsonObject): string {
  const [a, b] = labelsOf(row);
  const state = stateOf(row);
  if (state === 'no_outcome') return `No deal that ${a} and ${b} both scored has closed yet.`;
  if (state === 'no_variation')
    return `${a} and ${b} cannot be compared: every deal has the same score or the same outcome.`;
  if (state === 'too_few') return `${a} and ${b} cannot be compared yet: needs ${missingText(row)}.`;
  const [ra, rb] = [numberOf(row['win_correlation_a']), numberOf(row['win_correlation_b'])];
  if (ra === undefined || rb === undefined) return `${a} and ${b} cannot be compared: a score does not vary.`;
  const numbers = `${formatEstimate(ra)} for ${a} against ${formatEstimate(rb)} for ${b}`;
  const difference = `difference ${differenceText(row)}`;
  const winner = textOf(row['winner']);
  if (winner === 'a' || winner === 'b') {
    const [better, other] = winner === 'a' ? [a, b] : [b, a];
    return `${better}’s score goes with winning more closely than ${other}’s: ${numbers}, ${difference}${gainText(row)}.`;
  }
  const isBounded = numberOf(row['difference_low']) !== undefined && numberOf(row['difference_high']) !== undefined;
  const why = isBounded
    ? 'Undecided: the interval of the difference includes zero.'
    : 'Undecided: the difference has no interval yet.';
  return `${why} ${numbers}, ${difference}.`;
}

/** A ratio is shown only with its interval. */
function gainText(row: JsonObject): string {
  const [gain, low, high] = ['relative_gain', 'relative_gain_low', 'relative_gain_high'].map((key) =>
    numberOf(row[key]),
  );
  if (gain === undefined || low === undefined || high === undefined) return '';
  const percent = (value: number) => formatShare(value, 100);
  return `; that is ${percent(gain)} ${formatInterval(low, high, percent)} more`;
}

function intervalCharts(row: JsonObject, index: number): Chart[] {
  const [a, b] = labelsOf(row);
  const isFirm = stateOf(row) === 'usable';
  const dots = (measures: readonly [string, string, string][]) =>
    measures.flatMap(([label, side, measure]) => {
      const key = `${measure}_${side}`;
      const estimate = numberOf(row[key]);
      if (estimate === undefined) return [];
      const limit = (end: string) => numberOf(row[`${key}_${end}`]) ?? null;
      return [{ label, estimate, low: limit('low'), high: limit('high'), isFirm }];
    });
  const measures: [string, string, string][] = [
    [`win correlation · ${a}`, 'a', 'win_correlation'],
    [`win correlation · ${b}`, 'b', 'win_correlation'],
    [`false-positive rate · ${a}`, 'a', 'fpr'],
    [`false-positive rate · ${b}`, 'b', 'fpr'],
  ];
  const difference = numberOf(row['difference']);
  return [
    {
      kind: 'intervals',
      id: `chart-frameworks-${index + 1}`,
      title: `${a} and ${b}, 95 % intervals`,
      summary: `Win correlation and false-positive rate of both kits; the table below has the numbers.`,
      axis: 'win correlation: higher is better · false-positive rate: lower is better',
      rows: dots(measures),
    },
    ...(difference === undefined
      ? []
      : [
          {
            kind: 'intervals' as const,
            id: `chart-difference-${index + 1}`,
            title: `Difference of the win correlations, ${a} minus ${b}`,
            summary: `The difference is ${differenceText(row)}.`,
            axis: `${b} ahead ← difference → ${a} ahead`,
            rows: [
              {
                label: 'difference',
                estimate: difference,
                low: numberOf(row['difference_low']) ?? null,
                high: numberOf(row['difference_high']) ?? null,
                isFirm,
              },
            ],
          },
        ]),
  ];
}

const mostRocPoints = 2000;

async function rocOf(row: JsonObject, index: number, context: PageContext): Promise<RocChart | undefined> {
  const labels = labelsOf(row);
  const curves = await Promise.all(
    [row['kit_code_a'], row['kit_code_b']].map(async (code, side) => {
      const found = await context.marts.read({
        mart: 'mart_framework_roc',
        columns: ['fpr', 'tpr', 'threshold'],
        where: [`kit_code = '${textOf(code).replaceAll("'", "''")}'`],
        orderBy: ['threshold DESC'],
        limit: mostRocPoints,
      });
      const points = (found?.rows ?? []).flatMap(({ fpr, tpr }: Record<string, JsonValue>) => {
        const [x, y] = [numberOf(fpr), numberOf(tpr)];
        return x === undefined || y === undefined ? [] : [{ fpr: x, tpr: y }];
      });
      return { label: labels[side] ?? '', points };
    }),
  );
  if (curves.some(({ points }) => points.length < 2)) return undefined;
  return {
    kind: 'roc',
    id: `chart-roc-${index + 1}`,
    title: 'Every threshold at once: won deals found against lost deals called a win',
    summary: `A curve nearer to the upper left finds more won deals at the same false-positive rate. AUC: ${['a', 'b']
      .map((side, at) => `${labels[at]} ${formatEstimate(numberOf(row[`auc_${side}`]) ?? Number.NaN)}`)
      .join(', ')}.`,
    curves,
  };
}

function cautionsOf(row: JsonObject): string[] {
  const onlyOne = countOf(row['n_only_a']) + countOf(row['n_only_b']);
  const p = numberOf(row['p_value']);
  return [
    onlyOne > 0 &&
      `${plural(onlyOne, 'deal')} that only one of the kits scored are left out: a kit that skips hard calls looks better.`,
    textOf(row['threshold_source']) === 'settings' &&
      'The thresholds were set by hand: whether these deals were used to choose them is not known.',
    'Fisher’s intervals are conservative for an outcome of two values.',
    p !== undefined && `Williams’ test of the difference: p ${formatProbability(p)}.`,
  ].filter((line) => line !== false);
}
