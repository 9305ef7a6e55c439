// What an analysis did, in numbers and in a few lines for people.
import type { Draws } from './bootstrap.ts';
import type { Analysis } from './results.ts';

export interface AnalysisSummary {
  readonly analysis_id: string;
  readonly analyzed_as_of: string | null;
  readonly features_tested: number;
  readonly worth_a_look: number;
  readonly framework_pairs: number;
  readonly retest_comparisons: number;
  readonly human_comparisons: number;
}

export function summarize({ analysisId, analyzedAsOf, tables }: Analysis): AnalysisSummary {
  const { an_win_correlation: features, an_framework_ab: pairs, an_scorer_trust: trust } = tables;
  const compared = (kind: string) =>
    trust.filter(({ comparison, month, reviewer }) => comparison === kind && month === null && reviewer === null)
      .length;
  return {
    analysis_id: analysisId,
    analyzed_as_of: analyzedAsOf,
    features_tested: features.length,
    worth_a_look: features.filter(({ q_value: q }) => q !== null && q !== undefined && Number(q) < 0.1).length,
    framework_pairs: pairs.length,
    retest_comparisons: compared('test_retest'),
    human_comparisons: compared('human'),
  };
}

/**
 * An analysis in a few lines.
 * @param shown how the place is called
 */
export function summaryText(analysis: Analysis, { seed, draws }: Draws, shown: string): string {
  const { analyzedAsOf, tables } = analysis;
  const { features_tested: tested, worth_a_look: worth, framework_pairs: pairs, ...trust } = summarize(analysis);
  const number = (value: number) => value.toLocaleString('en-US');
  const rows = Object.values(tables).flat();
  const degenerate = rows.reduce((total, row) => total + Number(row['n_degenerate'] ?? 0), 0);
  const lines = [
    [
      'data',
      `as of ${analyzedAsOf ?? 'never: no call was read'} · ${number(draws)} draws, seed ${seed}, ${number(degenerate)} degenerate and drawn again`,
    ],
    [
      'features',
      tested === 0
        ? 'none tested: too few closed deals, or no bricks (mart_win_correlation.verdict says which)'
        : `${number(tested)} ${tested === 1 ? 'test' : 'tests'} in one family · ${number(worth)} with q < 0.10, worth a look`,
    ],
    [
      'frameworks',
      pairs === 0
        ? 'no two kits have enough common closed deals'
        : `${number(pairs)} ${pairs === 1 ? 'pair' : 'pairs'} of kits on the same deals`,
    ],
    [
      'scorer',
      trust.retest_comparisons + trust.human_comparisons === 0
        ? 'not measured: no text was evaluated twice by the same version, and no scorecards'
        : `${number(trust.retest_comparisons)} bricks asked again · ${number(trust.human_comparisons)} beside people`,
    ],
    ['next', `gong-elt query "from mart_win_correlation order by p_value" --from ${shown}`],
  ];
  return lines.map(([name = '', text = '']) => `${name.padEnd(12)} ${text}\n`).join('');
}
