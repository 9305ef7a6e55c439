// gong-elt demo: the real thing against the sandbox, two virtual days, no keys and no bill. Run again, it buys nothing.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../../pipeline/places/place.ts';
import { placeOf } from '../../pipeline/places/place-of.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { DemoSandbox } from '../../sandbox/demo-sandbox.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command, CommandContext } from '../command.ts';

export const demo: Command = {
  name: 'demo',
  describe: 'Two days of invented calls through the whole line, without keys or network',
  examples: [
    'gong-elt demo                              # makes demo/warehouse.duckdb and demo/report.html; again: buys nothing',
    'gong-elt demo --keep                       # leaves the sandbox running, until Ctrl-C',
  ],
  flags: {
    keep: { type: 'boolean', group: 'Demo:', describe: 'Leave the sandbox running at the end, and print its keys' },
  },
  async run(flags, context) {
    const { openDemoSandbox } = await import('../../sandbox/demo-sandbox.ts');
    const folder = join(context.io.cwd, 'demo');
    await mkdir(folder, { recursive: true });
    const opened = await openDemoSandbox(folder);
    const place = placeIn(folder, 'warehouse.duckdb', context);
    const before = opened.sandbox.ledger.distinctRuns;
    let { daysDone } = opened;
    try {
      context.log('info', `Gong and Semarize are a sandbox on ${opened.sandbox.url}: invented calls, two kits.`);
      if (daysDone === 2) await syncAgain(opened, place, context);
      for (let day = daysDone + 1; day <= 2; day++) {
        await syncDay(day, opened, place, context);
        daysDone = day;
      }
      const bought = opened.sandbox.ledger.distinctRuns - before;
      context.log(
        'info',
        `Runs that the sandbox accepted now: ${bought}; in all: ${opened.sandbox.ledger.distinctRuns}.`,
      );
      // Here already: a demo that is kept running may be ended by anything.
      await opened.save(daysDone);
      await copyToLake(opened, place, folder, context);
      await context.print(examples(place));
      await writeReport(place, folder, context);
      if (flags['keep'] === true) await keepRunning(opened, context);
      return exitCodes.complete;
    } finally {
      await opened.save(daysDone);
      await opened.sandbox.close();
    }
  },
};

function placeIn(folder: string, name: string, { io }: CommandContext): Place {
  const path = join(folder, name);
  return placeOf(path, shownPath(path, io.cwd));
}

async function syncDay(day: number, opened: DemoSandbox, place: Place, context: CommandContext): Promise<void> {
  const { clock, sandbox } = opened;
  const startsAt = opened.startOf(day);
  if (startsAt > clock.now()) clock.set(startsAt);
  context.log('info', `\nDay ${day}, ${dayText(clock.now())}: gong-elt sync --to ${place.shown}`);
  if (day === 2) {
    const { faultAnswers } = await import('../../sandbox/fault-answers.ts');
    sandbox.faults.add({ on: 'POST /v2/calls/extensive', do: faultAnswers.tooManyRequests({ retryAfter: '7' }) });
    context.log('info', 'Gong will answer one request with 429 and ask to wait 7 seconds.');
  }
  await syncOnce(opened, place, context);
}

async function syncAgain(opened: DemoSandbox, place: Place, context: CommandContext): Promise<void> {
  context.log('info', `\nDay 2 again, ${dayText(opened.clock.now())}: gong-elt sync --to ${place.shown}`);
  await syncOnce(opened, place, context);
}

/** @throws whatever ended the sync, after its summary. */
async function syncOnce(opened: DemoSandbox, place: Place, context: CommandContext): Promise<void> {
  const { runSync } = await import('../../pipeline/sync.ts');
  const { openSource } = await import('../../pipeline/source.ts');
  const { summaryLines } = await import('../../pipeline/summary.ts');
  const { readAnalytics } = await import('../find-analytics.ts');
  // The sync lives by the sandbox's clock: what it has to wait for passes in a moment.
  const environment = { ...context.environment, clock: opened.clock };
  const config = await demoConfig(opened);
  const source = await openSource(config, environment);
  try {
    const analytics = await readAnalytics(undefined, config.kits, context);
    const { report, failure } = await runSync({ source, place, request: {}, analytics }, environment);
    if (report !== undefined) for (const line of summaryLines(report)) context.log('info', line);
    if (failure !== undefined) throw failure;
  } finally {
    await source.close();
  }
}

async function demoConfig({ sandbox, clock }: DemoSandbox) {
  const { kits } = await import('../../sandbox/semarize/kits.ts');
  const { parseSourceConfig } = await import('../../source/config.ts');
  const { sandboxConfig, sandboxKeys } = await import('../sandbox-settings.ts');
  const settings = {
    ...sandboxConfig(sandbox, kits.slice(0, 2)),
    ...sandboxKeys(sandbox),
    max_runs_per_sync: 1000,
    // Waiting for our own pace would only move the virtual clock.
    gong_requests_per_second: 1_000_000,
  };
  return parseSourceConfig(settings, clock.now());
}

/** The same rows as a lake; once, since a sync of the copy would go on by itself. */
async function copyToLake(opened: DemoSandbox, place: Place, folder: string, context: CommandContext): Promise<void> {
  const { runCopy } = await import('../../pipeline/copy.ts');
  const { readAnalytics } = await import('../find-analytics.ts');
  const lake = placeIn(folder, 'lake', context);
  if (!(await lake.isPresent(context.environment))) await runCopy({ from: place, to: lake }, context.environment);
  const { kits } = await demoConfig(opened);
  await lake.refreshMarts(await readAnalytics(undefined, kits, context), context.environment);
  context.log('info', `The same rows as a Delta lake: ${lake.shown}`);
}

/** The report that everything before is for, and the comparison of the two frameworks in its words. */
async function writeReport(place: Place, folder: string, context: CommandContext): Promise<void> {
  const { runReport } = await import('../../pipeline/report.ts');
  const { packageVersion } = await import('../../process/package-version.ts');
  const { wholeReport } = await import('../../analytics/report/options.ts');
  const path = join(folder, 'report.html');
  const { report } = await runReport(
    {
      from: place,
      format: 'html',
      path,
      options: {
        ...wholeReport,
        shown: place.shown,
        command: 'gong-elt demo',
        toolVersion: packageVersion(),
      },
      isAnalyzed: true,
      marts: async () => undefined,
    },
    context.environment,
  );
  const found = report.pages.find(({ name }) => name === 'frameworks');
  await context.print(`
${found?.question} ${found?.answer}
How sure: ${found?.verdict.words}, over ${found?.counts}; all answers are in ${shownPath(path, context.io.cwd)}.
`);
}

function examples(place: Place): string {
  return `
Ask it:
  gong-elt report --from ${place.shown} --page winning
  gong-elt query "select kit_code, brick_key, round(estimate, 2) as r, n_deals, verdict from mart_win_correlation order by abs(estimate) desc nulls last limit 10" --from ${place.shown}
  gong-elt query "select kit_code, status, count(*) from semarize_runs group by all order by all" --from ${place.shown}
  gong-elt query "select transcript_status, count(*) from calls group by all" --from ${place.shown}
  gong-elt query "from mart_call_scores limit 5" --from demo/lake
  gong-elt runs list --status failed --from ${place.shown}
  gong-elt state show --from ${place.shown}
`;
}

async function keepRunning({ sandbox }: DemoSandbox, context: CommandContext): Promise<void> {
  const { sandboxKeys, toEnv } = await import('../sandbox-settings.ts');
  const { signal } = context.io;
  await context.print(`\n# ${sandbox.url}, its clock stands still; Ctrl-C ends it\n${toEnv(sandboxKeys(sandbox))}`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
