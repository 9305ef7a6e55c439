// gong-elt config show: what each setting is, and where it comes from. Asks nobody, and needs no key.
import { exitCodes } from '../../process/exit-codes.ts';
import { errorAnswer } from '../../process/logger.ts';
import { toTerminalLine } from '../../process/terminal-text.ts';
import type { ListedSetting } from '../../settings/setting-list.ts';
import type { Command } from '../command.ts';
import { toFlag, toSettings } from '../find-place.ts';

export const configShow: Command = {
  name: 'config show',
  describe: 'Every setting with its value; secrets by their last four characters',
  examples: [
    'gong-elt config show --origin              # what holds, and which flag, variable or file said so',
    'gong-elt config show --json                # the same for a script',
  ],
  flags: {
    to: toFlag,
    origin: { type: 'boolean', group: 'Output:', describe: 'Where each one comes from' },
  },
  async run(flags, context) {
    const { listSettings } = await import('../../settings/setting-list.ts');
    const { clock, redactor } = context.io;
    const { settings, problem } = listSettings(await context.settings(toSettings(flags)), clock.now());
    const showsOrigin = flags['origin'] === true;
    if (context.json) {
      const origins = showsOrigin ? { origins: objectOf(settings, 'origin') } : {};
      const error = problem === undefined ? {} : errorAnswer(problem);
      const answer = { settings: objectOf(settings, 'value'), ...origins, ...error };
      // Text by text: what stands behind the name of a secret is made to be shown.
      const redact = (_: string, value: unknown) => (typeof value === 'string' ? redactor.redact(value) : value);
      await context.print(`${JSON.stringify(answer, redact)}\n`);
    } else await context.print(redactor.redact(linesOf(settings, showsOrigin)));
    return problem === undefined ? exitCodes.complete : context.fail(problem);
  },
};

function objectOf(settings: readonly ListedSetting[], member: 'value' | 'origin') {
  return Object.fromEntries(settings.map((setting) => [setting.name, setting[member]]));
}

/** Values come last: some are long. */
function linesOf(settings: readonly ListedSetting[], showsOrigin: boolean): string {
  const column = (member: 'name' | 'origin') => {
    const width = Math.max(...settings.map((setting) => setting[member].length)) + 2;
    return (setting: ListedSetting) => setting[member].padEnd(width);
  };
  const columns = showsOrigin ? [column('name'), column('origin')] : [column('name')];
  return settings.map((setting) => `${columns.map((cell) => cell(setting)).join('')}${textOf(setting)}\n`).join('');
}

function textOf({ value }: ListedSetting): string {
  if (value === null) return 'not set';
  return toTerminalLine(typeof value === 'string' ? value : JSON.stringify(value));
}
