// Health: how runs went, how good the answers are, who spoke unknown (mart_run_health, mart_brick_quality, mart_coverage).
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Column, Finding, Page } from '../model.ts';
import { formatCount, formatShare, plural } from '../numbers.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { emptyPage, martMissing, ofKits } from '../page-context.ts';
import { counted, noData } from '../verdicts.ts';

const head: PageHead = {
  name: 'health',
  title: 'Health',
  question: 'Did the runs go well, and can their answers be used?',
};

const quality: readonly Column[] = [
  { key: 'brick_key', label: 'Brick', kind: 'text' },
  { key: 'kit_code', label: 'Kit', kind: 'text' },
  { key: 'n', label: 'Answers', kind: 'count' },
  { key: 'null_rate', label: 'Null', kind: 'share', n: 'n' },
  { key: 'missing_rate', label: 'Missing', kind: 'share', n: 'n' },
  { key: 'mean_confidence', label: 'Confidence, mean', kind: 'estimate' },
  { key: 'low_confidence_share', label: 'Confidence below 0.5', kind: 'share', n: 'n' },
  { key: 'distinct_values', label: 'Distinct values', kind: 'count' },
  { key: 'quotes', label: 'Quotes', kind: 'count' },
  { key: 'quotes_found_rate', label: 'Quotes found', kind: 'share', n: 'quotes' },
];

export async function healthPage(context: PageContext): Promise<Page> {
  if (!context.marts.has('mart_run_health')) return martMissing(head, 'mart_run_health', context);
  const runs = await runsFinding(context);
  if (runs === undefined)
    return emptyPage(head, noData, 'No run was made yet.', [
      { text: 'Have calls evaluated by a kit:', command: `gong-elt sync --to ${context.shown}` },
    ]);
  const findings = [runs, await qualityFinding(context), await attributionFinding(context)];
  return {
    ...head,
    answer: runs.sentence,
    counts: runs.counts,
    verdict: counted,
    findings: findings.filter((finding) => finding !== undefined),
  };
}

async function runsFinding(context: PageContext): Promise<Finding | undefined> {
  const [condition] = ofKits(context, 'kit_code');
  const found = await context.marts.ask(
    ['mart_run_health'],
    `SELECT kit_code, min(day) AS first_day, max(day) AS last_day, sum(n_runs)::BIGINT AS runs, sum(succeeded_n)::BIGINT AS succeeded,
  sum(failed_n)::BIGINT AS failed, sum(cancelled_n)::BIGINT AS cancelled, max(p95_duration_ms) AS slowest_p95_ms,
  sum(sandbox_n)::BIGINT AS sandbox, sum(collected_n)::BIGINT AS collected, sum(rerun_n)::BIGINT AS reruns, sum(text_changed_n)::BIGINT AS text_changed
FROM mart_run_health ${condition === undefined ? '' : `WHERE ${condition} `}GROUP BY kit_code ORDER BY kit_code`,
  );
  if (found === undefined || found.rows.length === 0) return undefined;
  const sum = (key: string) => found.rows.reduce((total, row) => total + countOf(row[key]), 0);
  const [runs, succeeded, failed] = [sum('runs'), sum('succeeded'), sum('failed')];
  return {
    id: 'health-runs',
    title: 'Runs by kit',
    sentence: `Of ${plural(runs, 'run')}, ${formatCount(succeeded)} succeeded (${formatShare(succeeded / Math.max(runs, 1), runs)}) and ${formatCount(failed)} failed.`,
    counts: plural(runs, 'run'),
    verdict: counted,
    tables: [
      {
        caption: 'Runs by kit over all days',
        columns: [
          { key: 'kit_code', label: 'Kit', kind: 'text' },
          { key: 'first_day', label: 'First day', kind: 'date' },
          { key: 'last_day', label: 'Last day', kind: 'date' },
          { key: 'runs', label: 'Runs', kind: 'count' },
          { key: 'succeeded', label: 'Succeeded', kind: 'count' },
          { key: 'failed', label: 'Failed', kind: 'count' },
          { key: 'cancelled', label: 'Cancelled', kind: 'count' },
          { key: 'slowest_p95_ms', label: '95 % within, slowest day', kind: 'duration' },
          { key: 'reruns', label: 'Asked again', kind: 'count' },
          { key: 'text_changed', label: 'Text changed since', kind: 'count' },
          { key: 'sandbox', label: 'Sandbox', kind: 'count' },
          { key: 'collected', label: 'Made elsewhere', kind: 'count' },
        ],
        rows: found.rows,
        total: found.total,
      },
    ],
    sql: [found.sql],
  };
}

async function qualityFinding(context: PageContext): Promise<Finding | undefined> {
  const found = await context.marts.read({
    mart: 'mart_brick_quality',
    columns: ['kit_version_id', ...quality.map(({ key }) => key)],
    where: ofKits(context, 'kit_code'),
    orderBy: ['null_rate DESC NULLS LAST', 'kit_code', 'brick_key', 'kit_version_id'],
  });
  const [worst] = found?.rows ?? [];
  if (found === undefined || worst === undefined) return undefined;
  return {
    id: 'health-bricks',
    title: 'Quality of the answers',
    sentence: `Most often without an answer: ${textOf(worst['brick_key'])}, null in ${formatShare(numberOf(worst['null_rate']) ?? 0, countOf(worst['n']))} of ${plural(countOf(worst['n']), 'answer')}.`,
    counts: plural(found.total, 'brick'),
    verdict: counted,
    tables: [
      { caption: 'Bricks, those most often null first', columns: quality, rows: found.rows, total: found.total },
    ],
    sql: [found.sql],
    cautions: [
      'A quote that is not in the transcript may be invented; that it is there does not make it mean what the answer says.',
    ],
  };
}

async function attributionFinding({ marts }: PageContext): Promise<Finding | undefined> {
  const found = await marts.ask(
    ['mart_coverage', 'stream_transcripts'],
    `SELECT (SELECT sum(ambiguous_opportunity)::BIGINT FROM mart_coverage) AS ambiguous_opportunity,
  (SELECT sum(calls)::BIGINT FROM mart_coverage) AS calls, count(*) AS transcripts,
  count(*) FILTER (unattributed_share > 0.1) AS unattributed, round(avg(unattributed_share), 4) AS unattributed_mean
FROM stream_transcripts ORDER BY 1`,
  );
  const [row] = found?.rows ?? [];
  if (found === undefined || row === undefined) return undefined;
  const transcripts = countOf(row['transcripts']);
  return {
    id: 'health-attribution',
    title: 'Who spoke, and for which deal',
    sentence: `${plural(countOf(row['unattributed']), 'transcript')} of ${transcripts} ${countOf(row['unattributed']) === 1 ? 'has' : 'have'} more than 10 % of the speaking time without a known speaker; ${plural(countOf(row['ambiguous_opportunity']), 'call')} could belong to several deals.`,
    counts: plural(countOf(row['calls']), 'call'),
    verdict: counted,
    tables: [
      {
        caption: 'Speech without a speaker, calls with several deals',
        columns: [
          { key: 'calls', label: 'Calls', kind: 'count' },
          { key: 'ambiguous_opportunity', label: 'With several deals', kind: 'count' },
          { key: 'transcripts', label: 'Transcripts', kind: 'count' },
          { key: 'unattributed', label: 'Over 10 % unattributed', kind: 'count' },
          { key: 'unattributed_mean', label: 'Unattributed, mean', kind: 'share' },
        ],
        rows: [row],
        total: 1,
      },
    ],
    sql: [found.sql],
  };
}
