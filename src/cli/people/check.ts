// gong-elt check: keys, rights, kits and destination, each by one small real request or write. Buys nothing.
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConnectorError, toConnectorError } from '../../core/errors.ts';
import type { LedgerStatus } from '../../core/ledger.ts';
import type { Place } from '../../pipeline/places.ts';
import { openDestination } from '../../pipeline/places.ts';
import { exitCodeOf, exitCodes } from '../../process/exit-codes.ts';
import { toTerminalLine } from '../../process/terminal-text.ts';
import type { CheckRow } from '../../source/check.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { requirePlace, toFlag } from '../find-place.ts';

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
    const { parsePeopleConfig } = await import('../../settings/settings.ts');
    const { openSource } = await import('../../pipeline/open-source.ts');
    const { clock, signal, redactor } = context.io;
    const to = textFlag(flags, 'to');
    const config = parsePeopleConfig(await context.settings(to === undefined ? {} : { destination: to }), clock.now());
    const source = await openSource(config.source, context);
    const rows: CheckRow[] = [nodeRow()];
    try {
      rows.push(...(await source.check(signal)));
    } finally {
      await source.close();
    }
    rows.push(...(await destinationRows(config.destination, context)));
    const code = exitCodeOfRows(rows);
    await context.print(redactor.redact(context.json ? rowsJson(rows, code) : rowsText(rows, code)));
    return code;
  },
};

function nodeRow(): CheckRow {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { level: 'ok', name: 'node', detail: `${process.versions.node}, time zone ${zone}` };
}

async function destinationRows(path: string | undefined, context: CommandContext): Promise<CheckRow[]> {
  const name = 'destination';
  const nextStep = 'destination in gong-elt.yaml, or gong-elt sync --to warehouse.duckdb';
  if (path === undefined) return [{ level: 'warn', name, detail: 'none is named', nextStep }];
  const { clock, crashPoint } = context.io;
  try {
    const place = requirePlace(path, 'to', context);
    const destination = await openDestination(place, { clock, crashPoint, log: context.log, waitMs: 0 });
    await destination.preflight().finally(() => destination.close());
    const { bavail, bsize } = await statfs(dirname(resolve(context.io.cwd, path)));
    const free = Math.floor((bavail * bsize) / 1e9);
    const row: CheckRow = { level: 'ok', name, detail: `${place.path} writable, not locked, ${free} GB free` };
    return [row, ...(await backlogRows(place, context))];
  } catch (error) {
    const { message, hint, area }: ConnectorError = toConnectorError(error);
    return [{ level: 'fail', name, detail: message, nextStep: hint, area }];
  }
}

/** What was paid for and has no row, and what waits for a person. */
async function backlogRows(place: Place, context: CommandContext): Promise<CheckRow[]> {
  const { entriesWithoutRow } = await import('../../pipeline/runs-table.ts');
  const entries = await entriesWithoutRow(place, context);
  const count = (...statuses: LedgerStatus[]) => entries.filter(({ status }) => statuses.includes(status)).length;
  const open = count('intent', 'accepted', 'terminal');
  const frozen = count('frozen');
  const lost = count('lost');
  const rows: CheckRow[] = [];
  const name = 'backlog';
  if (open > 0)
    rows.push({ level: 'warn', name, detail: `${open} paid runs not collected yet`, nextStep: 'gong-elt sync' });
  if (frozen + lost > 0)
    rows.push({
      level: 'warn',
      name,
      detail: `${frozen} frozen and ${lost} lost items wait for a decision`,
      nextStep: `gong-elt runs list --status ${frozen > 0 ? 'frozen' : 'lost'}`,
    });
  return rows;
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

function rowsText(rows: readonly CheckRow[], code: number): string {
  const lines = rows.flatMap(({ level, name, detail, nextStep }) => [
    `${(level === 'fail' ? 'FAIL' : level).padEnd(5)} ${name.padEnd(16)}${toTerminalLine(detail)}`,
    ...(nextStep === undefined ? [] : [`      → ${toTerminalLine(nextStep)}`]),
  ]);
  const count = (level: CheckRow['level'], word: string) => {
    const found = rows.filter((row) => row.level === level).length;
    return `${found} ${word}${found === 1 ? '' : 's'}`;
  };
  const total = `${count('fail', 'failure')}, ${count('warn', 'warning')}`;
  return `${[...lines, `${total.padEnd(56)} exit ${code}`].join('\n')}\n`;
}
