// The end of a sync in four lines: what came, what waits, what failed, and what to do about it.
import type { JsonObject } from '../core/json.ts';
import type { CallCounts, Completeness } from '../source/completeness.ts';

/** The lines of a report as it comes in a message. */
export function reportLines(report: JsonObject): string[] {
  return summaryLines(report as unknown as Completeness);
}

/** One line per stream and one for what comes next. Parts that are zero are left out; what is left adds up. */
export function summaryLines(report: Completeness): string[] {
  const { calls, swept, byId, transcripts, damaged, runs, gongRequests } = report;
  return [
    row('calls', [
      count('listed', calls.listed, true),
      ...callParts(calls),
      count('late', calls.late, false, late(calls)),
    ]).concat(gongCount(calls)),
    ...(swept.listed > 0 ? [row('  swept', [count('listed', swept.listed), ...callParts(swept)])] : []),
    ...(byId.asked > 0
      ? [
          row('  by id', [
            count('asked', byId.asked),
            ...callParts(byId),
            count('not answered', byId.asked - byId.listed),
          ]),
        ]
      : []),
    row('transcripts', [
      count('asked', transcripts.asked, true),
      count('new', transcripts.new),
      count('changed', transcripts.changed),
      count('unchanged', transcripts.unchanged),
      count('not there', transcripts.missing),
      count('withheld', transcripts.withheld),
    ]).concat(waitingTranscripts(transcripts)),
    ...(runs.offered ? runRows(report) : []),
    ...(damaged.calls > 0
      ? [
          row('damaged', [
            count('calls', damaged.calls),
            count('parts left out', damaged.parts),
            count('parts of transcripts left out', damaged.words, false, ' (not evaluated, asked for again)'),
          ]),
        ]
      : []),
    row('next', [
      report.closedThrough === null
        ? 'no window is closed yet'
        : `windows closed through ${minute(report.closedThrough)}`,
      `${number(gongRequests.today)} of ${number(gongRequests.perDay)} Gong requests used today`,
    ]),
  ];
}

function callParts(calls: CallCounts): string[] {
  return [
    count('new', calls.new),
    count('changed', calls.changed),
    count('unchanged', calls.unchanged),
    count('private', calls.private),
    count('left out', calls.excluded),
    count('sent again', calls.again, false, ' (a full memory does not know them)'),
    count('not selected', calls.unselected),
  ];
}

function late({ latestHours }: Completeness['calls']): string {
  return ` (up to ${number(latestHours)} h)`;
}

/** Of all syncs, as it is now. */
function waitingTranscripts(transcripts: Completeness['transcripts']): string {
  const parts = [
    count('pending', transcripts.pending, false, oldest(transcripts.oldestPendingHours)),
    count('silent', transcripts.none),
    count('forbidden', transcripts.forbidden),
    count('too large', transcripts.tooLarge),
    count('given up', transcripts.gaveUp, false, ' → gong-elt state show'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `      now ${parts.join(' · ')}`;
}

/** What the numbers mean for a person, where it is more than a number. */
export function advice({ transcripts, runs }: Completeness): string[] {
  const lines: string[] = [];
  const came = transcripts.new + transcripts.changed + transcripts.unchanged + transcripts.none;
  if (transcripts.asked > 0 && came === 0 && transcripts.pending > 0)
    lines.push(
      `${number(transcripts.asked)} calls asked for, no transcript for any. The scope api:calls:read:transcript may be missing, or they are too young (they are asked for again by themselves). → gong-elt check`,
    );
  if (isBudgetSpent(runs))
    lines.push(
      `Bought ${number(runs.bought)} of ${number(runs.bought + runs.waiting)} runs: max_runs_per_sync is ${number(runs.limit)}. Nothing is lost. → the next sync goes on, or now: gong-elt sync --max-runs ${runs.waiting}`,
    );
  return lines;
}

/** Did the limit keep runs from being bought? What may have been bought counts against it. */
export function isBudgetSpent({ bought, unanswered, limit, waiting }: Completeness['runs']): boolean {
  return waiting > 0 && bought + unanswered >= limit;
}

function runRows({ runs, purchases }: Completeness): string[] {
  const { skip, wait } = purchases;
  return [
    row('runs', [
      count('bought', runs.bought, true),
      count('refused', runs.refused, false, ' (nothing was bought)'),
      count('succeeded', runs.succeeded),
      count('failed', runs.failed, false, ' → gong-elt runs list --status failed'),
      count('cancelled', runs.cancelled, false, ' → gong-elt runs list --status cancelled'),
      count('of them collected', runs.collected, false, ' (bought by an earlier sync)'),
      count('waiting', runs.waiting, false, ` (limit ${number(runs.limit)}: --max-runs)`),
      count('under way', runs.open),
      count('frozen', runs.frozen, false, ' → gong-elt runs list --status frozen'),
      count('lost', runs.lost, false, ' → gong-elt runs list --status lost'),
      count('not in this state', runs.unknown ?? 0),
    ]),
    ...reasons('  not asked', [
      ['bought before', skip.bought],
      ['no transcript yet', wait.no_transcript],
      ['not settled yet', wait.unsettled],
      ['version not known yet', wait.unknown_version],
      ['private', skip.private],
      ['call too short', skip.short_call],
      ['text too short', skip.short_text],
      ['without transcript', skip.without_transcript],
      ['refused before', skip.refused],
      ['before the kit’s start', skip.before_start],
      ['closed long ago', skip.closed],
      ['frozen or lost', skip.frozen + skip.lost],
    ]),
  ];
}

function reasons(name: string, parts: readonly (readonly [string, number])[]): string[] {
  const said = parts.map(([reason, value]) => count(reason, value)).filter((part) => part !== '');
  return said.length === 0 ? [] : [row(name, said)];
}

const grouped = new Intl.NumberFormat('en-US');

function number(value: number): string {
  return grouped.format(value);
}

function count(name: string, value: number, always = false, note = ''): string {
  return value === 0 && !always ? '' : `${name} ${number(value)}${note}`;
}

function row(name: string, parts: readonly string[]): string {
  return `${name.padEnd(13)}${parts.filter((part) => part !== '').join(' · ')}`;
}

/** Gong counts calls that it still processes and does not list yet. */
function gongCount({ gongTotal, listed }: Completeness['calls']): string {
  if (gongTotal <= listed) return '';
  return `      Gong counts ${number(gongTotal)} (${number(gongTotal - listed)} still processing)`;
}

function oldest(hours: number | null): string {
  return hours === null ? '' : ` (oldest ${number(Math.round(hours))} h)`;
}

function minute(instant: string): string {
  return `${instant.slice(0, 16)}Z`;
}
