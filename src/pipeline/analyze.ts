// The analysis of a place: read through a reader that changes nothing, then kept where readers find it.
import type { AnalyticsSettings } from '../analytics/settings.ts';
import type { AnalysisOptions } from '../analytics/statistics/analyze.ts';
import type { Analysis } from '../analytics/statistics/results.ts';
import { toStatementError } from '../duckdb/errors.ts';
import type { Environment } from './environment.ts';
import type { Place } from './places/place.ts';

export interface AnalyzeRequest {
  readonly place: Place;
  readonly options: AnalysisOptions;
  /** Asked for the settings of the marts where no place keeps them. */
  readonly marts: () => Promise<AnalyticsSettings | undefined>;
}

/** @throws ConnectorError: `busy`, `destination`; `config` when there are no marts */
export async function runAnalyze(
  { place, options, marts }: AnalyzeRequest,
  environment: Environment,
): Promise<Analysis> {
  const { analyze } = await import('../analytics/statistics/analyze.ts');
  const reader = await place.openReader(environment, { marts });
  let analysis: Analysis;
  try {
    analysis = await reader.exclusive((session) => analyze(session, options));
  } catch (error) {
    throw toStatementError(error, place.shown, 'while reading the marts for the analysis');
  } finally {
    await reader.close();
  }
  environment.signal.throwIfAborted();
  await place.keepAnalysis(analysis, environment);
  return analysis;
}
