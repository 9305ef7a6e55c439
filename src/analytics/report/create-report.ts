// The report from what the marts of an open file or lake say. It computes nothing: every number is a cell of a mart.
import type { Session } from '../../duckdb/session.ts';
import { definitions, limits } from './definitions.ts';
import { readFacts } from './facts.ts';
import { createMartReader } from './mart-reader.ts';
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
import { knowledgePage } from './pages/knowledge.ts';
import { pricingPage } from './pages/pricing.ts';
import { trustPage } from './pages/trust.ts';
import { winningPage } from './pages/winning.ts';

const makers: Readonly<Record<PageName, (context: PageContext) => Promise<Page>>> = {
  deals: dealsPage,
  winning: winningPage,
  frameworks: frameworksPage,
  knowledge: knowledgePage,
  pricing: pricingPage,
  drift: driftPage,
  trust: trustPage,
  health: healthPage,
};

/** @param session of a database whose current schema has the marts; its statements run one after another */
export async function createReport(session: Session, options: ReportOptions): Promise<Report> {
  const marts = await createMartReader(session);
  const names = await createNames(options.names, marts);
  const kitLabel = await readKitLabels(marts);
  const { kits, includeEvidence, shown } = options;
  const context: PageContext = { marts, whole: marts, isScoped: false, names, kitLabel, includeEvidence, kits, shown };
  const pages: Page[] = [];
  for (const name of pageNames)
    if (options.pages.length === 0 || options.pages.includes(name)) pages.push(await makers[name](context));
  return {
    title: 'Calls and outcomes',
    ...(await readFacts(marts, options)),
    ...(includeEvidence ? { banner: 'This file holds quotes from calls. Share it with care.' } : {}),
    ...(await readCoverage(marts)),
    pages,
    definitions,
    exclusions: await exclusionsFinding(marts),
    limits,
  };
}
