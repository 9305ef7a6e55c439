// gong-elt marts: tables, views and marts of an analyst over rows that are there already, whoever loaded them. Offline.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { Place } from '../../pipeline/places/place.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { findAnalytics } from '../find-analytics.ts';
import { findPlace, inFlag } from '../find-place.ts';

export const marts: Command = {
  name: 'marts',
  describe: 'Create or refresh views and marts over rows that are there, whoever loaded them; no network',
  examples: [
    'gong-elt marts --in warehouse.duckdb                # after a host or another loader filled it',
    'gong-elt marts --in warehouse.duckdb --init         # and write an analytics.yaml from the bricks seen',
  ],
  flags: {
    in: inFlag,
    schema: {
      type: 'string',
      group: 'Where:',
      describe: 'The schema of a file that holds the streams; the marts stand beside them',
      otherwise: 'main, else the only one that has them',
    },
    init: {
      type: 'boolean',
      group: 'What:',
      describe: 'Write a commented analytics.yaml from the bricks that were seen; never over one that is there',
    },
    materialize: {
      type: 'boolean',
      group: 'What:',
      describe: 'Keep the answers (semarize_bricks) as a table, which is faster and takes room',
      otherwise: 'from 100,000 answers on',
    },
  },
  async run(flags, context) {
    const { makeMarts } = await import('../../pipeline/marts.ts');
    const { leftOutMarts } = await import('../../analytics/marts.ts');
    const place = await findPlace(textFlag(flags, 'in'), 'in', context);
    if (!(await place.isPresent(context.environment)))
      throw new ConnectorError(`${place.shown} is not there.`, {
        area: 'config',
        hint: 'name the file or folder that holds the rows: --in warehouse.duckdb',
      });
    const settings = await findAnalytics(context);
    const made = await makeMarts(place, settings, context.environment, {
      schema: textFlag(flags, 'schema'),
      isRequired: true,
      bricks: flags['materialize'] === true ? 'table' : 'auto',
    });
    const { views, skipped, tabled, schema } = made;
    const written = flags['init'] === true ? await writeTemplate(place, schema, context) : undefined;
    if (context.json)
      await context.print(`${JSON.stringify({ views, tabled, skipped, schema, settings_file: written })}\n`);
    const kept = tabled.length === 0 ? '' : `, ${tabled.join(', ')} as a table`;
    context.log(
      'info',
      `${views.length} views in ${place.shown}${schema === 'main' ? '' : `, schema ${schema}`}${kept}`,
    );
    for (const line of leftOutLines(skipped)) context.log('info', line);
    if (made.outcomes !== undefined) {
      const { outcomesLine } = await import('../../pipeline/import/lines.ts');
      context.log('info', outcomesLine(made.outcomes));
    }
    if (written !== undefined)
      context.log(
        'info',
        `wrote ${written}: look at it, name it in gong-elt.yaml (analytics: ${written}), then run this again`,
      );
    const problem = leftOutMarts(made);
    return problem === undefined ? exitCodes.complete : context.fail(problem);
  },
};

/** One line for all views that lack the same. */
function leftOutLines(skipped: readonly { readonly view: string; readonly missing: readonly string[] }[]): string[] {
  const byMissing = new Map<string, string[]>();
  for (const { view, missing } of skipped)
    byMissing.set(missing.join(', '), [...(byMissing.get(missing.join(', ')) ?? []), view]);
  return [...byMissing].map(([missing, views]) => `left out for want of ${missing}: ${views.join(', ')}`);
}

/** @returns how messages name the file */
async function writeTemplate(place: Place, schema: string, context: CommandContext): Promise<string> {
  const { readWideKits } = await import('../../analytics/wide-views.ts');
  const { settingsTemplate } = await import('../../analytics/settings-template.ts');
  const { parseMarts } = await import('../../settings/people-config.ts');
  const { useStreamsSchema } = await import('../../analytics/streams-schema.ts');
  const { analytics } = parseMarts(await context.settings({}, ['analytics', 'kits']));
  const path = resolve(context.io.cwd, analytics ?? 'analytics.yaml');
  const shown = shownPath(path, context.io.cwd);
  const database = await place.openReader(context.environment, { marts: () => findAnalytics(context) });
  try {
    const kits = await database.exclusive(async (session) => {
      await useStreamsSchema(session, { schema });
      return await readWideKits(session);
    });
    await writeFile(path, settingsTemplate(kits), { flag: 'wx' });
    return shown;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new ConnectorError(`${shown} is there already, and stays as it is.`, {
      area: 'config',
      hint: 'move it away, or run without --init',
      cause,
    });
  } finally {
    await database.close();
  }
}
