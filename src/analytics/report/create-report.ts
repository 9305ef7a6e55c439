// The report from what the marts of an open file or lake say. It computes nothing: every number is a cell of a mart.
import type { Session } from '../../duckdb/session.ts';
import { createTemporaryMarts, type TemporaryMarts } from '../temporary-marts.ts';
import { definitions, limits } from './definitions.ts';
import { readFacts } from './facts.ts';
import { createMartReader, type MartReader } from './mart-reader.ts';
import type { Page, PageName, Report } from './model.ts';
import { pageNames } from './model.ts';
import { createNames } from './names.ts';
import type { ReportOptions } from './options.ts';
import type { PageContext } from './page-context.ts';
import { readKitLabels } from './page-context.ts';
import { exclusionsFinding, readCoverage } from './pages/coverage.ts';
import { dealsPage } from './pages/deals.ts';
import { driftPage } from './pages/drift.ts';
import { frameworksPage } from './pages/frameworks.ts';
import { healthPage } from './pages/health.ts';
import { gapsFinding, knowledgePage } from './pages/knowledge.ts';
import { pricingPage } from './pages/pricing.ts';
import { trustPage } from './pages/trust.ts';
import { winningPage } from './pages/winning.ts';
import { readPeriod, segmentConditions } from './scope.ts';

/** Pages that show what is, whatever the period: a deal as it is now, days counted from a training. */
const timeless: ReadonlySet<PageName> = new Set(['deals', 'drift']);

/** Pages that show results of an analysis. */
const analysed: ReadonlySet<PageName> = new Set(['winning', 'frameworks', 'trust']);

/**
 * @param session of a database whose current schema has the marts; temporary views are made in it, and its statements run one
 * after another
 * @throws ConnectorError: `config` for a segment that there is not, `destination` for marts that cannot be read
 */
export async function createReport(session: Session, options: ReportOptions): Promise<Report> {
  const temporary = await createTemporaryMarts(session);
  const whole = await createMartReader(session);
  const names = await createNames(options.names, whole);
  const kitLabel = await readKitLabels(whole);
  const { kits, includeEvidence, shown } = options;
  const period = await readPeriod(whole, options);
  const segment = segmentConditions(whole, options.segment);
  if (segment.length > 0) await temporary.narrowTo(segment);
  const context: PageContext = {
    marts: await createMartReader(session),
    hasPeriod: period.conditions.length > 0,
    names,
    kitLabel,
    includeEvidence,
    kits,
    shown,
  };
  const wanted = pageNames.filter((name) => options.pages.length === 0 || options.pages.includes(name));
  const made = new Map<PageName, Page>();
  const gaps = wanted.includes('knowledge') ? await gapsFinding(context) : undefined;
  const makers: Readonly<Record<PageName, (context: PageContext) => Promise<Page>>> = {
    deals: dealsPage,
    winning: winningPage,
    frameworks: frameworksPage,
    knowledge: (of) => knowledgePage(of, gaps),
    pricing: pricingPage,
    drift: driftPage,
    trust: trustPage,
    health: healthPage,
  };
  for (const name of wanted) if (timeless.has(name)) made.set(name, await makers[name](context));
  if (context.hasPeriod) await temporary.narrowTo(period.conditions);
  if (wanted.some((name) => analysed.has(name))) await analyzeWhereNeeded(session, context.marts, temporary, options);
  for (const name of wanted) if (!timeless.has(name)) made.set(name, await makers[name](context));
  const { marts } = context;
  return {
    title: 'Calls and outcomes',
    ...(await readFacts(marts, options, period)),
    ...(includeEvidence ? { banner: 'This file holds quotes from calls. Share it with care.' } : {}),
    ...(await readCoverage(marts)),
    pages: wanted.flatMap((name) => made.get(name) ?? []),
    definitions,
    exclusions: await exclusionsFinding(marts),
    limits,
  };
}

/** Nothing of it is kept: a report changes nothing, so that it can be made of a file that somebody else only lends. */
async function analyzeWhereNeeded(
  session: Session,
  marts: MartReader,
  temporary: TemporaryMarts,
  { analysis }: ReportOptions,
): Promise<void> {
  if (analysis === undefined || !analysis.needed.every((view) => marts.has(view))) return;
  const isNeeded =
    (await isTrue(marts, 'SELECT count(*) = 0 AS answer FROM an_win_correlation')) ||
    (await isTrue(marts, 'SELECT coalesce(bool_or(is_stale), false) AS answer FROM mart_framework_ab')) ||
    (await isTrue(marts, 'SELECT coalesce(bool_or(is_stale), false) AS answer FROM mart_win_correlation'));
  if (isNeeded && (await temporary.takeResults())) await analysis.run(session);
}

async function isTrue(marts: MartReader, sql: string): Promise<boolean> {
  const [row] = (await marts.ask([], sql))?.rows ?? [];
  return row?.['answer'] === true;
}
