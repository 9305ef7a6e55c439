// gong-elt lake compact, lake vacuum: what a sync does for its tables by itself, done now.
import { absoluteOf } from '../../pipeline/places/place-of.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command, CommandContext, FlagValues } from '../command.ts';
import { textFlag } from '../command.ts';
import { isSingleWriter } from '../find-place.ts';

const folder = { positional: true, group: '', describe: 'The lake: its folder, or s3://bucket/folder' } as const;

async function namedLake(flags: FlagValues, context: CommandContext) {
  const path = textFlag(flags, 'dir') ?? '';
  const { cwd } = context.io;
  return {
    path: absoluteOf(cwd, path),
    shown: shownPath(path, cwd),
    isSingleWriter: await isSingleWriter(path, context),
  };
}

export const lakeCompact: Command = {
  name: 'lake compact',
  operands: '<dir>',
  describe: 'Make many small files of a lake a few large ones; no row changes',
  examples: ['gong-elt lake compact ./lake'],
  flags: { dir: folder },
  async run(flags, context) {
    const { compactLake } = await import('../../pipeline/lake-maintenance.ts');
    const tables = await compactLake(await namedLake(flags, context), context.environment);
    if (context.json) await context.print(`${JSON.stringify({ tables })}\n`);
    for (const { table, before, after } of tables)
      context.log('info', before === 0 ? `${table}: nothing to do` : `${table}: ${before} files became ${after}`);
    return exitCodes.complete;
  },
};

export const lakeVacuum: Command = {
  name: 'lake vacuum',
  operands: '<dir>',
  describe: 'Remove files of a lake that were replaced, or never committed, more than seven days ago',
  examples: ['gong-elt lake vacuum ./lake'],
  flags: { dir: folder },
  async run(flags, context) {
    const { vacuumLake } = await import('../../pipeline/lake-maintenance.ts');
    const tables = await vacuumLake(await namedLake(flags, context), context.environment);
    if (context.json) await context.print(`${JSON.stringify({ tables })}\n`);
    for (const { table, files, bytes } of tables)
      context.log(
        'info',
        files === 0 ? `${table}: nothing to do` : `${table}: ${files} files of ${bytes} bytes are gone`,
      );
    return exitCodes.complete;
  },
};
