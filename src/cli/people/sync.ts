// gong-elt sync: everything new from Gong and Semarize into the destination, and a summary of what came and what waits.
import { StoppedError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { SyncResult } from '../../pipeline/sync.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { errorAnswer } from '../../process/logger.ts';
import type { Progress } from '../../process/progress.ts';
import { createProgress } from '../../process/progress.ts';
import type { Command, CommandContext } from '../command.ts';
import { durationFlag } from '../durations.ts';
import { readAnalytics } from '../find-analytics.ts';
import { requirePlace, toFlag, toSettings } from '../find-place.ts';
import { requestFlags } from '../read-request.ts';

export const sync: Command = {
  name: 'sync',
  describe: 'Everything new into the destination; the next one goes on where it stopped',
  examples: [
    'gong-elt sync --to warehouse.duckdb                 # everything new since the last sync',
    'gong-elt sync --to ./lake --from 2026-01-01 --until 2026-07-01 --max-runs 500',
    'gong-elt sync --to warehouse.duckdb --streams calls,transcripts        # buys nothing',
  ],
  flags: {
    to: toFlag,
    ...requestFlags,
    wait: {
      type: 'string',
      group: 'Waiting:',
      describe: 'For a file that another program holds: 45s, 15m, 2h',
      otherwise: 'not at all',
    },
    'max-wait': {
      type: 'string',
      group: 'Waiting:',
      describe:
        'The longest wait that Gong or Semarize may ask for; beyond it the sync saves what it has and ends with 4',
      otherwise: '15m',
    },
  },
  async run(flags, context) {
    const { parsePeopleConfig } = await import('../../settings/people-config.ts');
    const { defaultMaxWaitMs, openSource } = await import('../../pipeline/source.ts');
    const { parseRequest } = await import('../read-request.ts');
    const { runSync } = await import('../../pipeline/sync.ts');
    const { clock } = context.io;
    const config = parsePeopleConfig(await context.settings(toSettings(flags)), clock.now());
    const place = requirePlace(config, 'to', context);
    const request = parseRequest(flags, config.source.kits, clock.now());
    const analytics = await readAnalytics(config.analytics, config.source.kits, context);
    const waitMs = durationFlag(flags, 'wait', 0);
    const maxWaitMs = durationFlag(flags, 'max-wait', defaultMaxWaitMs);
    const source = await openSource(config.source, context.environment, maxWaitMs);
    const progress = createProgress({ screen: context.screen, log: context.log, clock });
    const onMessage = (message: Message) => show(message, progress);
    try {
      const result = await runSync({ source, place, request, waitMs, analytics, onMessage }, context.environment);
      progress.end();
      return await printResult(result, context);
    } finally {
      progress.end();
      await source.close();
    }
  },
};

function show(message: Message, progress: Progress): void {
  if (message.type === 'record') {
    progress.count(message.stream);
    progress.waiting(undefined);
  }
  if (message.type !== 'status') return;
  const until = message.rateLimitedUntil;
  progress.waiting(
    until === undefined ? undefined : `waiting for a quota until ${new Date(until).toISOString().slice(0, 19)}Z`,
  );
}

async function printResult({ report, load, failure }: SyncResult, context: CommandContext): Promise<number> {
  const { advice, isBudgetSpent, summaryLines } = await import('../../pipeline/summary.ts');
  if (context.json) {
    const error = failure === undefined ? {} : errorAnswer(failure);
    await context.print(`${context.io.redactor.redact(JSON.stringify({ report, load, ...error }))}\n`);
  }
  if (report !== undefined) for (const line of summaryLines(report)) context.log('info', line);
  if (report !== undefined) for (const line of advice(report)) context.log('warn', line);
  if (failure instanceof StoppedError)
    context.log('info', 'What came so far is committed; the same command goes on from there.');
  if (failure !== undefined) return context.fail(failure);
  if (report === undefined) return exitCodes.incomplete;
  // Somebody at a terminal reads that runs wait; a scheduler is told by the exit code.
  return isBudgetSpent(report.runs) && !context.io.isTerminal.stdin ? exitCodes.budget : exitCodes.complete;
}
