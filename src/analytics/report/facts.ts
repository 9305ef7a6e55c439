// The head of the report: what it is made from, and how.

import type { JsonObject } from '../../core/json.ts';
import { countOf, type MartReader, textOf } from './mart-reader.ts';
import type { Fact, Report } from './model.ts';
import { formatCount, formatDate } from './numbers.ts';
import type { ReportOptions } from './options.ts';
import type { Period } from './scope.ts';

const mostListed = 8;

const nameWords = {
  accounts: 'accounts and deals by name, people by number',
  all: 'accounts, deals and people by name',
  none: 'accounts and people by number',
} as const;

const sourceWords: Readonly<Record<string, string>> = {
  import: 'imported file',
  crm_flags: 'closed and won fields of the CRM',
  crm_stage: 'names of stages',
  '': 'unknown',
};

export async function readFacts(
  marts: MartReader,
  options: ReportOptions,
  { words }: Period,
): Promise<Pick<Report, 'subtitle' | 'facts'>> {
  const period = await marts.ask(
    ['stream_calls', 'as_of'],
    `SELECT (SELECT as_of FROM as_of) AS as_of, min(started_at) AS first, max(started_at) AS last, count(*) AS calls
FROM stream_calls WHERE gone_at IS NULL ORDER BY 1`,
  );
  const [row] = period?.rows ?? [];
  const calls = countOf(row?.['calls']);
  const asOf = textOf(row?.['as_of']).slice(0, 16).replace('T', ' ');
  const span = calls === 0 ? 'No call yet' : `Calls of ${dayOf(row, 'first')} to ${dayOf(row, 'last')}`;
  const segment = Object.entries(options.segment).map(([column, value]) => `${column} ${value}`);
  const chosen = [
    ...(words === '' ? [] : [{ label: 'Period', text: `${words}, by the start of the call` }]),
    ...(segment.length === 0 ? [] : [{ label: 'Segment', text: segment.join(', ') }]),
    ...(options.kits.length === 0 ? [] : [{ label: 'Only kits', text: options.kits.join(', ') }]),
  ];
  return {
    subtitle: `${span} · data as of ${asOf === '' ? 'never' : `${asOf} UTC`} · all times in UTC`,
    facts: [
      { label: 'Kits', text: await kitsText(marts, options.kits) },
      ...chosen,
      ...(await missingFacts(marts)),
      { label: 'Outcomes from', text: await outcomesText(marts) },
      { label: 'Unit of analysis', text: 'the deal, not the call' },
      { label: 'Names', text: `${nameWords[options.names]}; ${options.includeEvidence ? 'with quotes' : 'no quotes'}` },
      ...(await analysisFacts(marts)),
      { label: 'Made by', text: `gong-elt ${options.toolVersion}: ${options.command}` },
    ],
  };
}

function dayOf(row: JsonObject | undefined, key: string): string {
  return formatDate(textOf(row?.[key]));
}

async function kitsText(marts: MartReader, chosen: readonly string[]): Promise<string> {
  const grounded = marts.has('cfg_kits', 'grounded_on');
  const found = await marts.ask(
    ['kit_versions'],
    grounded
      ? `SELECT v.kit_code, v.kit_label, v.kit_version_id, c.grounded_on FROM kit_versions v LEFT JOIN cfg_kits c USING (kit_code) ORDER BY v.kit_code`
      : 'SELECT kit_code, kit_label, kit_version_id, NULL AS grounded_on FROM kit_versions ORDER BY kit_code',
  );
  const kits = (found?.rows ?? []).filter((row) => chosen.length === 0 || chosen.includes(textOf(row['kit_code'])));
  if (kits.length === 0) return 'none has a run yet';
  return kits
    .map((row) => {
      const version = textOf(row['kit_version_id']);
      const ground = textOf(row['grounded_on']);
      return [textOf(row['kit_label']), version && `version ${version.slice(0, 8)}`, ground && `on ${ground}`]
        .filter(Boolean)
        .join(' ');
    })
    .join('; ');
}

async function outcomesText(marts: MartReader): Promise<string> {
  const found = await marts.ask(
    ['deals'],
    'SELECT outcome_source, count(*) AS n FROM deals WHERE is_closed GROUP BY outcome_source ORDER BY n DESC, outcome_source',
  );
  const sources = found?.rows ?? [];
  if (sources.length === 0) return 'no deal has closed yet';
  return sources
    .map(
      (row) =>
        `${sourceWords[textOf(row['outcome_source'])] ?? textOf(row['outcome_source'])}: ${formatCount(countOf(row['n']))} closed deals`,
    )
    .join('; ');
}

/** Kits and weeks that could be here and are not: what is said then is said of a part. */
async function missingFacts(marts: MartReader): Promise<Fact[]> {
  const kits = await marts.ask(
    ['cfg_kits', 'kit_versions'],
    'SELECT coalesce(label, kit_code) AS name FROM cfg_kits WHERE kit_code NOT IN (SELECT kit_code FROM kit_versions) ORDER BY 1',
  );
  const weeks = await marts.ask(
    ['mart_coverage'],
    'SELECT week AS name FROM mart_coverage WHERE week IS NOT NULL GROUP BY week HAVING sum(calls) > 0 AND sum(with_run) = 0 ORDER BY week',
  );
  const listed = (found: typeof kits, words: string) => {
    const names = (found?.rows ?? []).map((row) => textOf(row['name']));
    const more = names.length > mostListed ? ` and ${formatCount(names.length - mostListed)} more` : '';
    return names.length === 0 ? [] : [`${words} ${names.slice(0, mostListed).join(', ')}${more}`];
  };
  const missing = [...listed(kits, 'no run of'), ...listed(weeks, 'no run in the weeks from')];
  return missing.length === 0 ? [] : [{ label: 'Only a part', text: missing.join('; ') }];
}

/** Which analysis the limits and tests come from; left out where none was made. */
async function analysisFacts(marts: MartReader): Promise<Fact[]> {
  const found = await marts.ask(
    ['an_win_correlation'],
    'SELECT DISTINCT analyzed_as_of, seed, draws FROM an_win_correlation ORDER BY analyzed_as_of DESC NULLS LAST, seed, draws',
  );
  const [newest] = found?.rows ?? [];
  if (newest === undefined) return [{ label: 'Analysis', text: 'not computed: no bootstrap limits, no q' }];
  const when = formatDate(textOf(newest['analyzed_as_of']));
  return [
    {
      label: 'Analysis',
      text: `as of ${when}, ${formatCount(countOf(newest['draws']))} draws, seed ${textOf(newest['seed'])}`,
    },
  ];
}
