// The first screen's funnel: from calls to those that can speak for an outcome, and why the others cannot.
import type { JsonObject } from '../../../core/json.ts';
import type { MartReader, MartRows } from '../mart-reader.ts';
import { countOf, numberOf, textOf } from '../mart-reader.ts';
import type { Finding, Row, Step } from '../model.ts';
import { formatCount, formatShare, plural } from '../numbers.ts';
import { counted, noData } from '../verdicts.ts';

const steps: readonly { readonly key: string; readonly label: string }[] = [
  { key: 'calls', label: 'calls' },
  { key: 'with_transcript', label: 'with a transcript' },
  { key: 'with_run', label: 'evaluated by a kit' },
  { key: 'with_opportunity', label: 'with a deal' },
  { key: 'with_outcome', label: 'whose deal has an outcome' },
  { key: 'eligible', label: 'count for an outcome' },
];

const totalsSql = `SELECT ${steps.map(({ key }) => `sum("${key}")::BIGINT AS "${key}"`).join(', ')}
FROM mart_coverage ORDER BY 1`;

const transcriptSql = `SELECT transcript_status AS reason, count(*) AS n FROM stream_calls
WHERE gone_at IS NULL AND transcript_status IS DISTINCT FROM 'available' GROUP BY 1 ORDER BY n DESC, reason NULLS LAST`;
const runSql = `SELECT status AS reason, count(*) AS n FROM stream_runs
WHERE status IS DISTINCT FROM 'succeeded' GROUP BY 1 ORDER BY n DESC, reason NULLS LAST`;
const exclusionSql = `SELECT exclusion_reason AS reason, count(*) AS n FROM deal_calls
WHERE exclusion_reason IS NOT NULL GROUP BY 1 ORDER BY n DESC, reason`;

const words: Readonly<Record<string, string>> = {
  deal_open: 'the deal is open, or nothing says what became of it',
  no_close_time: 'nothing says when the deal closed',
  after_close: 'the call came after the close',
  closed_stage_at_call: 'the stage was closed at the time of the call',
  private: 'private',
  not_new_business: 'renewal or expansion, not new business',
  pending: 'the transcript is not there yet',
  none: 'no speech, or a language without transcripts',
  forbidden: 'the key may not read the transcript',
  gave_up: 'the transcript never came',
  too_large: 'the transcript is too large',
  not_requested: 'the transcript was not asked for',
  failed: 'the run failed',
  cancelled: 'the run was cancelled',
};

export async function readCoverage(marts: MartReader): Promise<{ coverage: Finding; steps: readonly Step[] }> {
  const found = await marts.ask(['mart_coverage'], totalsSql);
  const totals = found?.rows[0];
  const base = { id: 'coverage', title: 'From calls to an answer' };
  if (found === undefined || totals === undefined || countOf(totals['calls']) === 0)
    return { coverage: { ...base, sentence: missing(found), counts: '', verdict: noData, sql: [] }, steps: [] };
  const losses: Readonly<Record<string, string>> = {
    with_transcript: await biggestLoss(marts, ['stream_calls'], transcriptSql),
    with_run: await biggestLoss(marts, ['stream_runs'], runSql),
    with_opportunity: 'no deal of the CRM is linked to the call',
    eligible: await biggestLoss(marts, ['deal_calls'], exclusionSql),
    with_outcome: 'the deal is open, or nothing says what became of it',
  };
  const rows = steps
    .filter(({ key }) => numberOf(totals[key]) !== undefined)
    .map((step) => toRow(step, totals, losses));
  const calls = countOf(totals['calls']);
  const eligible = countOf(totals['eligible']);
  const coverage: Finding = {
    ...base,
    sentence: `Of ${plural(calls, 'call')}, ${formatCount(eligible)} (${formatShare(eligible / calls, calls)}) can speak for the outcome of a deal.`,
    counts: plural(calls, 'call'),
    verdict: counted,
    charts: [
      {
        kind: 'bars',
        id: 'chart-coverage',
        title: 'Calls at each step',
        summary: rows.map((row) => `${row['step']}: ${row['n']}`).join(', '),
        axis: 'calls',
        rows: rows.map((row) => ({
          label: textOf(row['step']),
          value: countOf(row['n']),
          text: `${formatCount(countOf(row['n']))} · ${formatShare(countOf(row['share']), calls)}`,
        })),
      },
    ],
    tables: [
      {
        caption: 'Steps from calls to an answer',
        columns: [
          { key: 'step', label: 'Step', kind: 'text' },
          { key: 'n', label: 'Calls', kind: 'count' },
          { key: 'share', label: 'Share', kind: 'share', n: 'calls' },
          { key: 'loss', label: 'Biggest reason of loss', kind: 'text' },
        ],
        rows,
        total: rows.length,
      },
    ],
    sql: [found.sql],
  };
  return {
    coverage,
    steps: rows.map(({ step, n, share, loss }, index) => ({
      label: textOf(step),
      n: countOf(n),
      share: index === 0 ? '' : formatShare(countOf(share), calls),
      loss: textOf(loss),
    })),
  };
}

function missing(found: MartRows | undefined): string {
  return found === undefined ? 'There is no mart_coverage in this file yet.' : 'No call was loaded yet.';
}

function toRow(
  { key, label }: (typeof steps)[number],
  totals: JsonObject,
  losses: Readonly<Record<string, string>>,
): Row {
  const calls = countOf(totals['calls']);
  const n = countOf(totals[key]);
  return { step: label, n, share: n / calls, calls, loss: n < calls ? (losses[key] ?? null) : null };
}

async function biggestLoss(marts: MartReader, relations: string[], sql: string): Promise<string> {
  const [first] = (await marts.ask(relations, sql))?.rows ?? [];
  if (first === undefined) return '';
  return `${reasonText(textOf(first['reason']))} (${formatCount(countOf(first['n']))})`;
}

function reasonText(reason: string): string {
  return words[reason] ?? (reason === '' ? 'nothing says why' : reason);
}

/** What was left out of statistics about outcomes, and why. */
export async function exclusionsFinding(marts: MartReader): Promise<Finding> {
  const found = await marts.ask(['deal_calls'], exclusionSql);
  const rows = (found?.rows ?? []).map((row) => ({ reason: reasonText(textOf(row['reason'])), n: row['n'] ?? null }));
  const total = rows.reduce((sum, row) => sum + countOf(row.n), 0);
  return {
    id: 'exclusions',
    title: 'What was left out, and why',
    sentence:
      total === 0
        ? 'No call with a deal was left out.'
        : `${plural(total, 'call')} with a deal ${total === 1 ? 'was' : 'were'} left out of everything about outcomes.`,
    counts: plural(total, 'call'),
    verdict: counted,
    ...(rows.length === 0
      ? {}
      : {
          tables: [
            {
              caption: 'Calls with a deal that do not count for its outcome',
              columns: [
                { key: 'reason', label: 'Reason', kind: 'text' as const },
                { key: 'n', label: 'Calls', kind: 'count' as const },
              ],
              rows,
              total: rows.length,
            },
          ],
        }),
    sql: found === undefined ? [] : [found.sql],
  };
}
