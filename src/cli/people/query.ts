// gong-elt query: SQL over what was loaded, by a reader that cannot change it.
import { resolve, sep } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { outputFlags, printAnswer } from '../answer-output.ts';
import type { Command, CommandContext, FlagValues } from '../command.ts';
import { textFlag } from '../command.ts';
import { findAnalytics } from '../find-analytics.ts';
import { findPlace, fromFlag } from '../find-place.ts';
import { parseAttached, parseParameters, readSql, secondsFlag } from '../query-text.ts';

const what = 'What:';

export const query: Command = {
  name: 'query',
  operands: '[statement]',
  describe: 'Ask the warehouse or the lake in SQL',
  examples: [
    `gong-elt query "from mart_framework_ab" --from warehouse.duckdb`,
    `gong-elt query --list                               # what there is to ask for`,
    `gong-elt query --file my.sql --param since=2026-07-01 -o rows.csv`,
  ],
  flags: {
    statement: {
      positional: true,
      group: '',
      describe: 'One SELECT of DuckDB’s SQL; - or a pipe: from standard input',
    },
    from: fromFlag,
    wait: {
      type: 'number',
      group: 'Where:',
      describe: 'Seconds to wait for a file that is being written',
      otherwise: '10',
    },
    file: { type: 'string', alias: 'f', group: what, describe: 'The SQL from a file' },
    mart: { type: 'string', group: what, describe: 'All of a mart, view or table' },
    list: { type: 'boolean', group: what, describe: 'The marts, views and tables, with what one row of each is' },
    sql: { type: 'string', group: what, describe: 'Print the SQL of a mart or view' },
    param: {
      type: 'string',
      array: true,
      group: what,
      describe: 'name=value for $name in the SQL; bound, never pasted',
    },
    attach: {
      type: 'string',
      array: true,
      group: what,
      describe: 'name=file.csv, .parquet or .json: a file as a table; ids of a CSV stay text',
    },
    'allow-files': { type: 'boolean', group: what, describe: 'Let the SQL read files of this machine: read_csv(…)' },
    macros: { type: 'boolean', group: what, describe: 'With clean, fisher_lo, fisher_hi, wilson_lo and wilson_hi' },
    timeout: { type: 'number', group: what, describe: 'Seconds after which it is given up' },
    ...outputFlags,
  },
  async run(flags, context) {
    const view = textFlag(flags, 'sql');
    if (view !== undefined) return await printViewSql(view, flags, context);
    const { ask } = await import('../../pipeline/ask.ts');
    const { relationsSql } = await import('../../pipeline/relations.ts');
    const sql = flags['list'] === true ? relationsSql : await readSql(flags, context);
    const place = await findPlace(textFlag(flags, 'from'), 'from', context);
    refuseOutputInto(place.path, textFlag(flags, 'output'), context.io.cwd);
    const question = {
      sql,
      parameters: parseParameters(flags),
      attached: parseAttached(flags, context.io.cwd),
      readsFiles: flags['allow-files'] === true,
      hasMacros: flags['macros'] === true,
      waitMs: secondsFlag(flags, 'wait'),
      timeoutMs: secondsFlag(flags, 'timeout'),
      marts: () => findAnalytics(context),
    };
    await ask(place, question, context.environment, (answer) => printAnswer(answer, flags, context));
    return exitCodes.complete;
  },
};

/** A file in the place of what is asked would take its name. */
function refuseOutputInto(place: string, output: string | undefined, cwd: string): void {
  if (output === undefined) return;
  const target = resolve(cwd, output);
  if (target === place || target.startsWith(`${place}${sep}`))
    throw new ConnectorError(`${output} holds what is asked, or lies in it.`, {
      area: 'config',
      hint: 'name another file for the rows',
    });
}

/** Ours need no place; the views of others are asked for where they are. */
async function printViewSql(view: string, flags: FlagValues, context: CommandContext): Promise<number> {
  const { viewSql } = await import('../../pipeline/relations.ts');
  const from = textFlag(flags, 'from');
  const place = from === undefined ? undefined : await findPlace(from, 'from', context);
  const warehouse = await place?.openReader(context.environment, { marts: () => findAnalytics(context) });
  try {
    const sql = await (warehouse === undefined
      ? viewSql(view)
      : warehouse.exclusive((session) => viewSql(view, session)));
    await context.print(sql.endsWith('\n') ? sql : `${sql}\n`);
    return exitCodes.complete;
  } finally {
    await warehouse?.close();
  }
}
