// Deals: the unified score of open deals, and how ready they are (mart_unified_deal_score, mart_deal_readiness).
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { isJsonObject } from '../../../core/json.ts';
import type { ScoreChart } from '../charts/chart.ts';
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Advice, Finding, Page, Row } from '../model.ts';
import { formatEstimate, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { bricksToCopy, emptyPage, martMissing } from '../page-context.ts';
import { counted, notConfigured, textOr } from '../verdicts.ts';

const head: PageHead = { name: 'deals', title: 'Deals', question: 'How do the open deals stand, and what is next?' };

const mostDealsDrawn = 15;

export async function dealsPage(context: PageContext): Promise<Page> {
  const { marts } = context;
  if (!marts.has('mart_unified_deal_score')) return martMissing(head, 'mart_unified_deal_score', context);
  const score = await scoreFinding(context);
  const readiness = await readinessFinding(context);
  const findings = [score, readiness].filter((finding) => finding !== undefined);
  const advice = [
    ...(score === undefined ? [await scoreAdvice(context)] : []),
    ...(readiness === undefined ? [await readinessAdvice(context)] : []),
  ];
  const [first] = findings;
  if (first === undefined)
    return emptyPage(
      head,
      notConfigured,
      'No brick is marked as a signal of the deal score, and no readiness list is set.',
      advice,
    );
  const notes = context.hasPeriod
    ? ['The period does not apply here: a deal is shown as it is now, from all of its calls.']
    : [];
  const answer = findings.map(({ sentence }) => sentence).join(' ');
  return { ...head, answer, counts: first.counts, verdict: counted, notes, advice, findings };
}

async function scoreFinding({ marts, names }: PageContext): Promise<Finding | undefined> {
  const found = await marts.ask(
    ['mart_unified_deal_score', 'deals'],
    `SELECT s.opportunity_id, d.opportunity_name, d.account_name, d.stage, d.amount, d.currency, s.score, s.previous_score,
  s.n_signals, s.n_sources, s.coverage, s.staleness_days, s.by_source
FROM mart_unified_deal_score s JOIN deals d USING (opportunity_id)
WHERE d.is_closed IS NOT TRUE AND s.score IS NOT NULL
ORDER BY d.amount DESC NULLS LAST, s.opportunity_id`,
  );
  if (found === undefined || found.rows.length === 0) return undefined;
  const deal = (row: JsonObject) => names.deal(row) ?? '';
  const rows: Row[] = found.rows.map((row) => ({
    ...row,
    deal: deal(row),
    by_source: sourcesOf(row)
      .map(({ source, score, signals }) => `${source} ${formatEstimate(score)} (${plural(signals, 'signal')})`)
      .join(' · '),
    opportunity_name: null,
    account_name: null,
  }));
  const scores = found.rows.map((row) => numberOf(row['score']) ?? 0);
  const range = `${formatEstimate(Math.min(...scores))} to ${formatEstimate(Math.max(...scores))}`;
  const [largest] = found.rows;
  return {
    id: 'deals-score',
    title: 'Unified score of open deals',
    sentence: `${plural(found.total, 'open deal')} ${found.total === 1 ? 'has' : 'have'} a score, ${range} of 100.`,
    counts: plural(found.total, 'open deal'),
    verdict: counted,
    charts: [scoreChart(found.rows, deal)],
    tables: [
      {
        caption: 'Open deals by amount, with the score of each source',
        columns: [
          { key: 'deal', label: 'Deal', kind: 'text' },
          { key: 'stage', label: 'Stage', kind: 'text' },
          { key: 'amount', label: 'Amount', kind: 'money', currency: 'currency' },
          { key: 'score', label: 'Score', kind: 'points' },
          { key: 'previous_score', label: 'Before', kind: 'points' },
          { key: 'n_signals', label: 'Signals', kind: 'count' },
          { key: 'coverage', label: 'Signals seen', kind: 'share' },
          { key: 'staleness_days', label: 'Days old', kind: 'count' },
          { key: 'by_source', label: 'By source', kind: 'text' },
        ],
        rows,
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: [
      'A score is a weighted mean of answers, not a chance of winning.',
      countOf(largest?.['n_signals']) < 3 ? 'Deals with one or two signals move much with the next call.' : '',
    ].filter(Boolean),
  };
}

interface SourceScore {
  readonly source: string;
  readonly score: number;
  readonly signals: number;
}

function sourcesOf(row: JsonObject): SourceScore[] {
  return objectsOf(row['by_source']).flatMap((source) => {
    const score = numberOf(source['score']);
    return score === undefined
      ? []
      : [{ source: textOr(source['source'], 'unknown source'), score, signals: countOf(source['n_signals']) }];
  });
}

function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function scoreChart(rows: readonly JsonObject[], deal: (row: JsonObject) => string): ScoreChart {
  const drawn = rows.slice(0, mostDealsDrawn);
  return {
    kind: 'scores',
    id: 'chart-deals',
    title: `Score of the ${drawn.length} largest open deals: all signals, and by source`,
    summary: 'A tick is the score of a deal, a dot that of one source; larger dots have more signals.',
    rows: drawn.map((row) => ({ label: deal(row), score: numberOf(row['score']) ?? 0, sources: sourcesOf(row) })),
  };
}

async function readinessFinding({ marts, names }: PageContext): Promise<Finding | undefined> {
  const found = await marts.ask(
    ['mart_deal_readiness', 'deals'],
    `SELECT r.opportunity_id, d.opportunity_name, d.account_name, r.stage, r.amount, d.currency, r.readiness_pct, r.items,
  r.next_action, r.days_since_last_contact
FROM mart_deal_readiness r JOIN deals d USING (opportunity_id)
WHERE r.readiness_pct IS NOT NULL
ORDER BY r.readiness_pct DESC, r.amount DESC NULLS LAST, r.opportunity_id`,
  );
  if (found === undefined || found.rows.length === 0) return undefined;
  const itemsOf = (row: JsonObject, state: string) =>
    objectsOf(row['items'])
      .filter((item) => item['state'] === state)
      .map((item) => textOr(item['label'], textOf(item['item_key'])))
      .join(', ');
  const rows: Row[] = found.rows.map((row) => ({
    ...row,
    deal: names.deal(row),
    confirmed: itemsOf(row, 'confirmed'),
    not_confirmed: itemsOf(row, 'not_confirmed'),
    unknown: itemsOf(row, 'unknown'),
    items: null,
    opportunity_name: null,
    account_name: null,
  }));
  const [first] = rows;
  return {
    id: 'deals-readiness',
    title: 'Readiness of open deals',
    sentence: `Readiest: ${textOf(first?.['deal'])}, ${formatEstimate(numberOf(first?.['readiness_pct']) ?? 0)} of 100; next: ${textOr(first?.['next_action'], 'nothing is open')}.`,
    counts: plural(found.total, 'open deal'),
    verdict: counted,
    tables: [
      {
        caption: 'Open deals by readiness, with what is confirmed and what is not known',
        columns: [
          { key: 'deal', label: 'Deal', kind: 'text' },
          { key: 'stage', label: 'Stage', kind: 'text' },
          { key: 'amount', label: 'Amount', kind: 'money', currency: 'currency' },
          { key: 'readiness_pct', label: 'Ready, %', kind: 'points' },
          { key: 'confirmed', label: 'Confirmed', kind: 'text' },
          { key: 'not_confirmed', label: 'Not confirmed', kind: 'text' },
          { key: 'unknown', label: 'Unknown', kind: 'text' },
          { key: 'next_action', label: 'Next', kind: 'text' },
          { key: 'days_since_last_contact', label: 'Days since contact', kind: 'count' },
        ],
        rows,
        total: found.total,
      },
    ],
    sql: [found.sql],
    cautions: ['Unknown counts as not confirmed: nobody may have asked yet.'],
  };
}

async function scoreAdvice(context: PageContext): Promise<Advice> {
  const lines = await bricksToCopy(
    context,
    ({ kit, key }) => `  - {kit_code: ${kit}, brick_key: ${key}, in_deal_score: true}`,
  );
  return {
    text: 'Mark the bricks that make the deal score, in analytics.yaml:',
    yaml: ['bricks:', ...lines].join('\n'),
  };
}

async function readinessAdvice(context: PageContext): Promise<Advice> {
  const lines = await bricksToCopy(
    context,
    ({ kit, key }) => `  - {item_key: ${key}, label: ${key}, kit_code: ${kit}, brick_key: ${key}, weight: 10}`,
  );
  return { text: 'List what makes a deal ready, in analytics.yaml:', yaml: ['readiness:', ...lines].join('\n') };
}
