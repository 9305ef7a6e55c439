// gong-elt import outcomes | conversations | runs: rows from outside, into ext_* tables that the marts read.
import { resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { ImportResult } from '../../pipeline/import/import-rows.ts';
import { countsLine, outcomesLine, refusalLines } from '../../pipeline/import/lines.ts';
import type { Place } from '../../pipeline/places/place.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command, CommandContext, Flag, FlagValues } from '../command.ts';
import { listFlag, textFlag } from '../command.ts';
import { findAnalytics } from '../find-analytics.ts';
import { findPlace, inFlag } from '../find-place.ts';

const mapFlag: Flag = {
  type: 'string',
  array: true,
  group: 'What:',
  describe: 'OURS=THEIRS: which column of the file is ours, where the names differ',
};

export const importOutcomes: Command = {
  name: 'import outcomes',
  operands: '[file]',
  describe: 'How deals ended, from a CSV or Parquet file or a query; they win over what the CRM fields in Gong say',
  examples: [
    'gong-elt import outcomes deals.csv --in warehouse.duckdb',
    'gong-elt import outcomes deals.csv --map opportunity_id=Id --map is_won=IsWon --map closed_at=CloseDate',
    `gong-elt import outcomes --sql "select id as opportunity_id, won as is_won, closed_at from crm.deals"`,
  ],
  flags: {
    file: {
      positional: true,
      group: '',
      describe: 'CSV or Parquet with opportunity_id, is_won, closed_at; is_closed, amount, currency, stage, … if known',
    },
    in: inFlag,
    map: mapFlag,
    sql: { type: 'string', group: 'What:', describe: 'One SELECT over tables of the same place, instead of a file' },
  },
  async run(flags, context) {
    const { underLock } = await import('../../pipeline/import/import-rows.ts');
    const pipeline = await import('../../pipeline/import/outcomes.ts');
    const [file, sql] = [textFlag(flags, 'file'), textFlag(flags, 'sql')];
    if ((file === undefined) === (sql === undefined))
      throw new ConnectorError('Name either a file or --sql.', {
        area: 'config',
        hint: 'gong-elt import outcomes deals.csv --in warehouse.duckdb',
      });
    const place = await findPlace(textFlag(flags, 'in'), 'in', context);
    const source = { ...atPath(file, context), sql, map: mapOf(flags), shown: file ?? 'the query' };
    const result = await underLock(place, context.environment, () =>
      pipeline.importOutcomes(place, source, context.environment),
    );
    return await finish(place, result, outcomesLine(result), result.unread, context);
  },
};

export const importConversations: Command = {
  name: 'import conversations',
  operands: '<folder>',
  describe: 'Conversations of other recorders (Zoom, Teams, …): WebVTT files and one CSV that says what they are',
  examples: [
    'gong-elt import conversations ./zoom --in warehouse.duckdb     # ./zoom has calls.csv and one .vtt a row',
  ],
  flags: {
    folder: {
      positional: true,
      group: '',
      describe:
        'WebVTT files, and a CSV with id, source, started_at; file, title, opportunity_id, owner_email, … if known',
    },
    in: inFlag,
    map: mapFlag,
  },
  async run(flags, context) {
    const { underLock } = await import('../../pipeline/import/import-rows.ts');
    const pipeline = await import('../../pipeline/import/conversations.ts');
    const place = await findPlace(textFlag(flags, 'in'), 'in', context);
    const folder = textFlag(flags, 'folder') ?? '';
    const people = (await findAnalytics(context))?.people ?? [];
    const source = {
      ...{ folder: resolve(context.io.cwd, folder), shown: folder, map: mapOf(flags) },
      reps: new Set(people.flatMap(({ name }) => (name === undefined ? [] : [name.toLowerCase()]))),
    };
    const result = await underLock(place, context.environment, () =>
      pipeline.importConversations(place, source, context.environment),
    );
    const code = await finish(place, result, `conversations ${countsLine(result)}`, result.unread, context);
    if (result.unnamed.length > 0) context.log('warn', `not in the CSV, and left out: ${result.unnamed.join(', ')}`);
    return code;
  },
};

export const importRuns: Command = {
  name: 'import runs',
  operands: '<file>',
  describe:
    'Runs of Semarize that were made elsewhere (Zapier, n8n, Make); statistics leave them out unless told otherwise',
  examples: [
    'gong-elt import runs runs.jsonl --in warehouse.duckdb     # one run a line, as GET /v1/runs/{id} answers it',
  ],
  flags: {
    file: { positional: true, group: '', describe: 'JSON lines, or a JSON list of runs' },
    in: inFlag,
  },
  async run(flags, context) {
    const { underLock } = await import('../../pipeline/import/import-rows.ts');
    const pipeline = await import('../../pipeline/import/runs.ts');
    const place = await findPlace(textFlag(flags, 'in'), 'in', context);
    const file = textFlag(flags, 'file') ?? '';
    const path = resolve(context.io.cwd, file);
    const result = await underLock(place, context.environment, () =>
      pipeline.importRuns(place, path, file, context.environment),
    );
    const without = result.withoutCall === 0 ? '' : ` · of no call ${result.withoutCall}`;
    return await finish(place, result, `runs          ${countsLine(result)}${without}`, [], context);
  },
};

function atPath(file: string | undefined, { io }: CommandContext): { file?: string } {
  return file === undefined ? {} : { file: resolve(io.cwd, file) };
}

/** @throws ConnectorError of area `config` */
function mapOf(flags: FlagValues): Record<string, string> {
  return Object.fromEntries(
    (listFlag(flags, 'map') ?? []).map((pair) => {
      const [, ours, theirs] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
      if (ours === undefined || theirs === undefined)
        throw new ConnectorError('--map takes OURS=THEIRS.', { area: 'config', hint: '--map opportunity_id=Id' });
      return [ours.trim(), theirs.trim()];
    }),
  );
}

/** Makes the marts anew and tells what came. @returns the exit code: refused records are work left */
async function finish(
  place: Place,
  result: ImportResult,
  line: string,
  unread: readonly string[],
  context: CommandContext,
): Promise<number> {
  const problem = await place.refreshMarts(await findAnalytics(context), context.environment);
  if (context.json)
    await context.print(`${JSON.stringify({ in: shownPath(place.shown, context.io.cwd), ...result })}\n`);
  context.log('info', line);
  if (unread.length > 0) context.log('info', `columns that nobody reads: ${unread.join(', ')}`);
  for (const refusal of refusalLines(result)) context.log('warn', refusal);
  if (problem !== undefined) context.log('warn', `Marts: ${problem.message}`, { next_step: problem.hint });
  return result.refused === 0 ? exitCodes.complete : exitCodes.incomplete;
}
