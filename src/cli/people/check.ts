// gong-elt check: keys, rights, kits and destination, each by one small real request or write. Buys nothing.
import { ConnectorError, toConnectorError } from '../../core/errors.ts';
import { fieldLines } from '../../formats/fields.ts';
import { exitCodeOf, exitCodes } from '../../process/exit-codes.ts';
import type { FoundSettings } from '../../settings/found-settings.ts';
import type { PeopleConfig } from '../../settings/people-config.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { CheckRow } from '../../source/check.ts';
import type { Command, CommandContext } from '../command.ts';
import { readAnalytics } from '../find-analytics.ts';
import { requirePlace, toFlag, toSettings } from '../find-place.ts';

export const check: Command = {
  name: 'check',
  describe: 'Try keys, rights, kits and destination; buys nothing',
  examples: [
    'gong-elt check                             # a line for each right, and what is missing',
    'gong-elt check --json                      # the same for a script',
  ],
  flags: {
    to: toFlag,
  },
  async run(flags, context) {
    const { parsePeopleConfig } = await import('../../settings/people-config.ts');
    const { openSource } = await import('../../pipeline/source.ts');
    const { clock, signal, redactor } = context.io;
    const found = await context.settings(toSettings(flags));
    const config = parsePeopleConfig(found, clock.now());
    const source = await openSource(config.source, context.environment);
    const rows = [nodeRow(context), ...settingsRows(found), ...(await analyticsRows(config, context))];
    try {
      rows.push(...(await source.check(signal)));
    } finally {
      await source.close();
    }
    rows.push(...(await destinationRows(config, context)));
    const code = exitCodeOfRows(rows);
    await context.print(
      redactor.redact(context.json ? rowsJson(rows, code) : rowsText(rows, code, context.io.terminalColumns)),
    );
    return code;
  },
};

function nodeRow({ io }: CommandContext): CheckRow {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { level: 'ok', name: 'node', detail: `${io.nodeVersion}, time zone ${zone}` };
}

function settingsRows({ overrides }: FoundSettings): CheckRow[] {
  return overrides.length === 0 ? [] : [{ level: 'ok', name: 'settings', detail: overrides.join('; ') }];
}

/** analytics.yaml, which a sync reads as well. */
async function analyticsRows(
  { analytics, source }: Pick<PeopleConfig, 'analytics' | 'source'>,
  context: CommandContext,
): Promise<CheckRow[]> {
  if (analytics === undefined) return [];
  const name = 'analytics';
  try {
    await readAnalytics(analytics, source.kits, context);
    return [{ level: 'ok', name, detail: `${shownPath(analytics, context.io.cwd)} is in order` }];
  } catch (error) {
    const { message, hint, area } = toConnectorError(error);
    return [{ level: 'fail', name, detail: message, nextStep: hint, area }];
  }
}

async function destinationRows(
  config: Pick<PeopleConfig, 'destination' | 'singleWriter'>,
  context: CommandContext,
): Promise<CheckRow[]> {
  const name = 'destination';
  const nextStep = 'destination in gong-elt.yaml, or gong-elt sync --to warehouse.duckdb';
  if (config.destination === undefined) return [{ level: 'warn', name, detail: 'none is named', nextStep }];
  const { checkPlace } = await import('../../pipeline/check.ts');
  try {
    return await checkPlace(requirePlace(config, 'to', context), context.environment);
  } catch (error) {
    const { message, hint, area } = toConnectorError(error);
    return [{ level: 'fail', name, detail: message, nextStep: hint, area }];
  }
}

/** The first failure decides. */
function exitCodeOfRows(rows: readonly CheckRow[]): number {
  const failed = rows.find(({ level }) => level === 'fail');
  if (failed === undefined) return exitCodes.complete;
  return exitCodeOf(new ConnectorError(failed.detail, { area: failed.area ?? 'bug' }));
}

function rowsJson(rows: readonly CheckRow[], code: number): string {
  const answer = rows.map(({ level, name, detail, nextStep }) => ({ level, name, detail, next_step: nextStep }));
  return `${JSON.stringify({ rows: answer, exit_code: code })}\n`;
}

function rowsText(rows: readonly CheckRow[], code: number, room: number | undefined): string {
  const lines = rows.flatMap(({ level, name, detail, nextStep }) => [
    fieldLines([{ name: `${(level === 'fail' ? 'FAIL' : level).padEnd(5)} ${name}`, text: detail }], {
      nameWidth: 21,
      room,
    }),
    ...(nextStep === undefined ? [] : [fieldLines([{ name: '', text: `→ ${nextStep}` }], { nameWidth: 5, room })]),
  ]);
  const count = (level: CheckRow['level'], word: string) => {
    const found = rows.filter((row) => row.level === level).length;
    return `${found} ${word}${found === 1 ? '' : 's'}`;
  };
  const total = `${count('fail', 'failure')}, ${count('warn', 'warning')}`;
  return `${lines.join('')}${total.padEnd(56)} exit ${code}\n`;
}
