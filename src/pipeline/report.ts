// The report of a place: read through a reader that changes nothing, written as whole files or not at all.
import { dirname, extname, join, resolve } from 'node:path';
import type { Report } from '../analytics/report/model.ts';
import type { ReportAnalysis, ReportFormat, ReportOptions } from '../analytics/report/options.ts';
import type { AnalyticsSettings } from '../analytics/settings.ts';
import { ConnectorError } from '../core/errors.ts';
import { toStatementError } from '../duckdb/errors.ts';
import { replaceDurably } from '../store/folder.ts';
import type { Environment } from './environment.ts';
import type { Place } from './places/place.ts';

export interface ReportRequest {
  readonly from: Place;
  readonly format: ReportFormat;
  /** The file to write; beside an HTML file the numbers are written as JSON. */
  readonly path: string;
  readonly options: Omit<ReportOptions, 'analysis'>;
  /** Where results of `analyze` are missing or old, are they made for the report? */
  readonly isAnalyzed: boolean;
  /** Asked for the settings of the marts where no place keeps them. */
  readonly marts: () => Promise<AnalyticsSettings | undefined>;
}

export interface WrittenReport {
  readonly report: Report;
  /** Paths of what was written. */
  readonly files: readonly string[];
}

/**
 * Charts are left out, and that is said, where their packages are not installed.
 * @throws ConnectorError: `busy` and `destination` as a reader may; `config` when the file cannot be written
 */
export async function runReport(request: ReportRequest, environment: Environment): Promise<WrittenReport> {
  const { format, path } = request;
  const report = await readReport(request, environment);
  environment.signal.throwIfAborted();
  const { renderJson } = await import('../analytics/report/render/json.ts');
  if (format === 'json') return { report, files: [await write(path, renderJson(report))] };
  if (format === 'md') {
    const { renderMarkdown } = await import('../analytics/report/render/markdown.ts');
    return { report, files: [await write(path, renderMarkdown(report))] };
  }
  const { loadDraw } = await import('../analytics/report/charts/draw.ts');
  const { renderHtml } = await import('../analytics/report/render/html.ts');
  const draw = await loadDraw();
  if (draw === undefined)
    environment.log('warn', 'The report has tables only: the packages for charts are not installed', {
      next_step: 'npm install @observablehq/plot linkedom',
    });
  const html = await renderHtml(report, draw);
  // The numbers first: whoever finds the page finds its numbers beside it.
  const numbers = await write(jsonBeside(path), renderJson(report));
  return { report, files: [await write(path, html), numbers] };
}

async function readReport(
  { from, options, isAnalyzed, marts }: ReportRequest,
  environment: Environment,
): Promise<Report> {
  const { createReport } = await import('../analytics/report/create-report.ts');
  const analysis = isAnalyzed ? await analysisFor(options, environment) : undefined;
  const warehouse = await from.openReader(environment, { marts, memoryLimit });
  try {
    return await warehouse.exclusive((session) => createReport(session, { ...options, analysis }));
  } catch (error) {
    throw toStatementError(error, from.shown, 'while reading the marts for the report');
  } finally {
    await warehouse.close();
  }
}

async function analysisFor(
  { toolVersion }: Pick<ReportOptions, 'toolVersion'>,
  { log }: Pick<Environment, 'log'>,
): Promise<ReportAnalysis> {
  const { analyze, needed } = await import('../analytics/statistics/analyze.ts');
  const { defaultDraws: draws, defaultSeed: seed } = await import('../analytics/statistics/options.ts');
  const { storeAnalysis } = await import('../analytics/statistics/results.ts');
  return {
    needed,
    async run(session) {
      log('info', 'Bootstrap limits and tests are made for this report; gong-elt analyze keeps them for all');
      await storeAnalysis(session, await analyze(session, { draws, seed, toolVersion }));
    },
  };
}

/** With what the pages and their charts need, the whole process stays within 512 MB. */
const memoryLimit = '352MB';

/** `report.json` beside `report.html`. */
function jsonBeside(path: string): string {
  return `${path.slice(0, path.length - extname(path).length)}.json`;
}

async function write(path: string, text: string): Promise<string> {
  const target = resolve(path);
  try {
    await replaceDurably(target, (file) => file.writeFile(text));
    return target;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConnectorError(
      `the report cannot be written to ${join(dirname(path), '')} (${code ?? 'unknown error'})`,
      {
        area: 'config',
        hint: 'name a file in a folder that exists and that you may write to: -o report.html',
        cause,
      },
    );
  }
}
