// gong-elt lake compact, lake vacuum: what a sync does for its tables by itself, done now.
import { resolve } from 'node:path';
import { exitCodes } from '../../process/exit-codes.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command, CommandContext, FlagValues } from '../command.ts';
import { textFlag } from '../command.ts';

const folder = { positional: true, group: '', describe: 'The folder of the lake' } as const;

function namedLake(flags: FlagValues, { io }: CommandContext) {
  const path = textFlag(flags, 'dir') ?? '';
  return { path: resolve(io.cwd, path), shown: shownPath(path, io.cwd), isSingleWriter: false };
}

export const lakeCompact: Command = {
  name: 'lake compact',
  operands: '<dir>',
  describe: 'Make many small files of a lake a few large ones; no row changes',
  examples: ['gong-elt lake compact ./lake'],
  flags: { dir: folder },
  async run(flags, context) {
    const { compactLake } = await import('../../pipeline/lake-maintenance.ts');
    const tables = await compactLake(namedLake(flags, context), context.environment);
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
    const tables = await vacuumLake(namedLake(flags, context), context.environment);
    if (context.json) await context.print(`${JSON.stringify({ tables })}\n`);
    for (const { table, files, bytes } of tables)
      context.log(
        'info',
        files === 0 ? `${table}: nothing to do` : `${table}: ${files} files of ${bytes} bytes are gone`,
      );
    return exitCodes.complete;
  },
};
