// gong-elt report: the answers of the marts as one file that people want to look at.
import { basename, isAbsolute, resolve } from 'node:path';
import { pageNames } from '../../analytics/report/model.ts';
import { nameModes } from '../../analytics/report/names.ts';
import { reportFormats } from '../../analytics/report/options.ts';
import { parseMoment, parseSegment } from '../../analytics/report/scope.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { packageVersion } from '../../process/package-version.ts';
import { shownPath } from '../../settings/shown-path.ts';
import type { Command } from '../command.ts';
import { listFlag, textFlag } from '../command.ts';
import { findAnalytics } from '../find-analytics.ts';
import { findPlace, fromFlag } from '../find-place.ts';

export const report: Command = {
  name: 'report',
  describe: 'The answers as one HTML file: no script, no network; opens nothing, prints the path',
  examples: [
    'gong-elt report --from warehouse.duckdb -o report.html',
    'gong-elt report --page pricing --format md -o pricing.md    # one page, for a chat or a pull request',
  ],
  flags: {
    from: fromFlag,
    output: {
      type: 'string',
      alias: 'o',
      group: 'Output:',
      describe: 'The file to write; beside an HTML file its numbers are written as JSON',
      otherwise: 'report.html, report.md or report.json, here',
    },
    format: { choices: reportFormats, group: 'Output:', describe: 'Form of the report', otherwise: 'html' },
    page: {
      array: true,
      type: 'string',
      choices: pageNames,
      group: 'What:',
      describe: 'Only this page; more than once for more',
    },
    since: {
      type: 'string',
      group: 'What:',
      describe: 'Only calls from then on: a date, an ISO time, or 7d before the newest data',
    },
    until: { type: 'string', group: 'What:', describe: 'Only calls before it' },
    segment: {
      array: true,
      type: 'string',
      group: 'What:',
      describe: 'Only calls of a team, rep, source, …: team=EMEA; more than once for all of them at once',
    },
    kit: {
      array: true,
      type: 'string',
      group: 'What:',
      describe: 'Code of a kit; more than once for more',
      otherwise: 'all',
    },
    'no-analyze': {
      type: 'boolean',
      group: 'What:',
      describe: 'Show what analyze found before, old or not; without it, what is missing or old is made for the report',
    },
    names: {
      choices: nameModes,
      group: 'Privacy:',
      describe: 'Whose names are printed: accounts and deals, people too, or nobody’s',
      otherwise: 'accounts',
    },
    'include-evidence': {
      type: 'boolean',
      group: 'Privacy:',
      describe: 'Print quotes and reasons, with a banner that says so',
    },
  },
  async run(flags, context) {
    const { runReport } = await import('../../pipeline/report.ts');
    const from = await findPlace(textFlag(flags, 'from'), 'from', context);
    const format = reportFormats.find((name) => name === textFlag(flags, 'format')) ?? 'html';
    const { cwd } = context.io;
    const path = resolve(cwd, textFlag(flags, 'output') ?? `report.${format}`);
    const pages = listFlag(flags, 'page') ?? [];
    const { report: made, files } = await runReport(
      {
        from,
        format,
        path,
        options: {
          pages: pageNames.filter((name) => pages.includes(name)),
          kits: listFlag(flags, 'kit') ?? [],
          since: parseMoment('--since', textFlag(flags, 'since')),
          until: parseMoment('--until', textFlag(flags, 'until')),
          segment: parseSegment(listFlag(flags, 'segment')),
          names: nameModes.find((mode) => mode === textFlag(flags, 'names')) ?? 'accounts',
          includeEvidence: flags['include-evidence'] === true,
          shown: projectPath(from.shown),
          command: commandOf(context.io.argv),
          toolVersion: packageVersion(),
        },
        isAnalyzed: flags['no-analyze'] !== true,
        marts: () => findAnalytics(context),
      },
      context.environment,
    );
    const shown = files.map((file) => shownPath(file, cwd));
    if (context.json) {
      const answers = made.pages.map(({ name, answer, verdict }) => ({ page: name, state: verdict.state, answer }));
      await context.print(`${JSON.stringify({ files: shown, pages: answers })}\n`);
      return exitCodes.complete;
    }
    for (const { title, answer } of made.pages) context.log('info', `${title}: ${answer}`);
    await context.print(`${shown.join('\n')}\n`);
    return exitCodes.complete;
  },
};

/** The command as typed; of a path outside of this folder its last name alone, since the report is passed on. */
function commandOf(argv: readonly string[]): string {
  const words = argv.map((word) => {
    const [, flag = '', value = ''] = /^(--[\w-]+=)?(.*)$/s.exec(word) ?? [];
    const kept = `${flag}${projectPath(value)}`;
    return /^[\w@%+=:,./-]+$/.test(kept) ? kept : `'${kept}'`;
  });
  return ['gong-elt', ...words].join(' ');
}

function projectPath(path: string): string {
  return isAbsolute(path) || path.startsWith('..') ? basename(path) : path;
}
