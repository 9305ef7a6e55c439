// What SQL cannot do well: exact tails, the bootstrap by deal, Williams, McNemar, V, q, agreement. Reads the marts of an open
// session and writes nothing, so that it can be asked of a file that is read-only; `storeAnalysis` keeps the result.
import { createHash } from 'node:crypto';
import { ConnectorError } from '../../core/errors.ts';
import { relationNames } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { analyzeFeatures } from './feature-analysis.ts';
import { analyzeFrameworks } from './framework-analysis.ts';
import { openInputs, textOf } from './inputs.ts';
import type { Analysis, ResultRow } from './results.ts';
import { analyzeTrust } from './trust-analysis.ts';

export interface AnalysisOptions {
  /** Of the generator; the same seed gives the same numbers, bit by bit. */
  readonly seed: number;
  /** Draws of the bootstrap and of permutations. */
  readonly draws: number;
  readonly toolVersion: string;
}

/** Views that it reads. */
export const needed = [
  'as_of',
  'mart_win_correlation',
  'mart_framework_ab',
  'deal_features',
  'deal_categories',
  'framework_deals',
  'retest_pairs',
];

/** @throws ConnectorError of area `config` when the marts are not there: without calls and runs there are none. */
export async function analyze(session: Session, { seed, draws, toolVersion }: AnalysisOptions): Promise<Analysis> {
  const relations = await relationNames(session);
  const missing = needed.filter((view) => !relations.has(view));
  if (missing.length > 0)
    throw new ConnectorError(`There is nothing to analyse: ${missing.join(', ')} could not be made.`, {
      area: 'config',
      hint: 'the streams calls and semarize_runs are needed: gong-elt sync, then gong-elt marts',
    });
  const inputs = openInputs(session);
  const features = await analyzeFeatures(inputs, { seed, draws });
  const frameworks = await analyzeFrameworks(inputs, { seed, draws });
  const trust = await analyzeTrust(inputs, relations.has('answered_scorecards'));
  const [asOf] = await session.rows(
    `SELECT strftime(make_timestamp(epoch_us(as_of)), '%Y-%m-%dT%H:%M:%S.%fZ') AS as_of FROM as_of`,
  );

  const options = JSON.stringify({ draws, seed });
  const inputsHash = inputs.hash();
  const analysisId = createHash('sha256').update(`${inputsHash} ${options} ${toolVersion}`).digest('hex').slice(0, 32);
  const analyzedAsOf = textOf(asOf?.['as_of']);
  const shared = {
    analysis_id: analysisId,
    options,
    seed,
    draws,
    inputs_hash: inputsHash,
    tool_version: toolVersion,
    analyzed_as_of: analyzedAsOf,
  };
  const whole = (rows: readonly ResultRow[]) => rows.map((row) => ({ ...row, ...shared }));
  return {
    analysisId,
    analyzedAsOf,
    tables: { an_win_correlation: whole(features), an_framework_ab: whole(frameworks), an_scorer_trust: whole(trust) },
  };
}
