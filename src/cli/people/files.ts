// gong-elt files: the live files of a stream in a lake, for programs that read Parquet but no Delta tables.
import { absoluteOf } from '../../pipeline/places/place-of.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';

export const files: Command = {
  name: 'files',
  operands: '<stream>',
  describe: 'The Parquet files that hold a stream of a lake now, one a line; others in its folders are old',
  examples: ['gong-elt files calls --in ./lake', 'gong-elt files calls --in ./lake | xargs du -ch'],
  flags: {
    stream: { positional: true, group: '', describe: 'As SQL names it: calls, or schema.calls' },
    in: {
      type: 'string',
      group: 'Where:',
      describe: 'The lake: its folder, or s3://bucket/folder',
      otherwise: 'the current one',
    },
  },
  async run(flags, context) {
    const { liveFiles } = await import('../../pipeline/lake-maintenance.ts');
    const { cwd } = context.io;
    const path = absoluteOf(cwd, textFlag(flags, 'in') ?? '.');
    const lake = { path, shown: shownPath(path, cwd), isSingleWriter: false };
    const found = await liveFiles(lake, textFlag(flags, 'stream') ?? '', context.environment);
    if (context.json) await context.print(`${JSON.stringify({ files: found })}\n`);
    else for (const file of found) await context.print(`${file}\n`);
    return exitCodes.complete;
  },
};
