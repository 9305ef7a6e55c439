// The end of a sync in four lines: what came, what waits, what failed, and what to do about it.
import type { JsonObject } from '../core/json.ts';
import type { Completeness } from '../source/completeness.ts';

/** The lines of a report as it comes in a message. */
export function reportLines(report: JsonObject): string[] {
  return summaryLines(report as unknown as Completeness);
}

/** One line per stream and one for what comes next. Parts that are zero are left out. */
export function summaryLines(report: Completeness): string[] {
  const { calls, transcripts, runs, gongRequests } = report;
  return [
    row('calls', [
      count('listed', calls.listed, true),
      count('new', calls.new),
      count('late', calls.late, false, ` (up to ${number(calls.latestHours)} h)`),
      count('changed', calls.changed),
      count('unchanged', calls.unchanged),
      count('private', calls.private),
      count('left out', calls.excluded),
      count('swept', calls.swept),
    ]).concat(gongCount(calls)),
    row('transcripts', [
      count('new', transcripts.new, true),
      count('changed', transcripts.changed),
      count('unchanged', transcripts.unchanged),
      count('pending', transcripts.pending, false, oldest(transcripts.oldestPendingHours)),
      count('withheld', transcripts.withheld),
      count('silent', transcripts.none),
      count('forbidden', transcripts.forbidden),
      count('given up', transcripts.gaveUp, false, ' → gong-elt state show'),
    ]),
    ...(runs.offered ? [runsRow(runs)] : []),
    row('next', [
      report.closedThrough === null
        ? 'no window is closed yet'
        : `windows closed through ${minute(report.closedThrough)}`,
      `${number(gongRequests.today)} of ${number(gongRequests.perDay)} Gong requests used today`,
    ]),
  ];
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

/** Did the limit keep runs from being bought? */
export function isBudgetSpent({ bought, limit, waiting }: Completeness['runs']): boolean {
  return waiting > 0 && bought >= limit;
}

function runsRow(runs: Completeness['runs']): string {
  return row('runs', [
    count('bought', runs.bought, true),
    count('succeeded', runs.succeeded),
    count('failed', runs.failed, false, ' → gong-elt runs list --status failed'),
    count('collected', runs.collected),
    count('not asked for', runs.skipped),
    count('waiting', runs.waiting, false, ` (limit ${number(runs.limit)}: --max-runs)`),
    count('under way', runs.open),
    count('frozen', runs.frozen, false, ' → gong-elt runs list --status frozen'),
    count('lost', runs.lost, false, ' → gong-elt runs list --status lost'),
    count('already had', runs.alreadyHad),
  ]);
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
