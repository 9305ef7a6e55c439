// Two kits side by side, a row a measure.
import type { JsonObject } from '../../../core/json.ts';
import { countOf, numberOf } from '../mart-reader.ts';
import type { Row } from '../model.ts';
import { formatCount, formatEstimate, formatInterval, formatShare, none } from '../numbers.ts';

const both = (measures: string) =>
  measures.split(' ').flatMap((measure) => {
    const [name = '', end] = measure.split(':');
    return ['a', 'b'].map((side) => [name, side, end].filter(Boolean).join('_'));
  });

/** Columns of mart_framework_ab that the report reads. */
export const abColumns: readonly string[] = [
  ...both('kit_code kit_label kit_version_id avg_score win_correlation win_correlation:low win_correlation:high auc'),
  ...both('threshold tp fp tn fn tpr fpr fpr:low fpr:high fdr fdr:low fdr:high fpr_at_tpr80 n_only'),
  ...'n_common_calls n_deals n_won n_lost r_ab difference difference_low difference_high relative_gain relative_gain_low'.split(
    ' ',
  ),
  ...'relative_gain_high auc_difference auc_difference_low auc_difference_high williams_t p_value mcnemar_p'.split(' '),
  ...'threshold_source winner verdict deals_missing won_missing lost_missing is_stale'.split(' '),
];

/** @param shown is there an estimate? Else counts and means only */
export function comparisonRows(row: JsonObject, shown: boolean, difference: string): Row[] {
  const estimate = (key: string) => {
    const value = numberOf(row[key]);
    return value === undefined ? none : formatEstimate(value);
  };
  const withLimits = (key: string, format: (value: number) => string) => (side: string) => {
    const value = numberOf(row[`${key}_${side}`]);
    if (value === undefined) return none;
    const low = row[`${key}_${side}_low`];
    return `${format(value)} ${formatInterval(low, row[`${key}_${side}_high`], format)}`.trim();
  };
  const line = (measure: string, of: (side: string) => string, between = ''): Row => ({
    measure,
    a: of('a'),
    b: of('b'),
    difference: between,
  });
  const share = (n: number) => (value: number) => formatShare(value, n);
  const lost = countOf(row['n_lost']);
  const average = line('Average score', (side) => estimate(`avg_score_${side}`));
  const only = line('Deals that this kit alone scored', (side) => formatCount(countOf(row[`n_only_${side}`])));
  if (!shown) return [average, only];
  const called = (side: string) => countOf(row[`tp_${side}`]) + countOf(row[`fp_${side}`]);
  return [
    average,
    line('Win correlation', withLimits('win_correlation', formatEstimate), difference),
    line('AUC', (side) => estimate(`auc_${side}`), limits(row, 'auc_difference')),
    line('Threshold for a win', (side) => estimate(`threshold_${side}`)),
    line('Of the deals lost, called a win (false-positive rate)', withLimits('fpr', share(lost))),
    line('Of the deals won, called a win (true-positive rate)', (side) => ratioText(row, side)),
    line('Of the deals called a win, lost (false discovery rate)', (side) =>
      withLimits('fdr', share(called(side)))(side),
    ),
    line('False-positive rate where 80 % of the won are found', (side) => shareOr(row, `fpr_at_tpr80_${side}`, lost)),
    only,
  ];
}

function limits(row: JsonObject, key: string): string {
  const value = numberOf(row[key]);
  if (value === undefined) return '';
  return `${formatEstimate(value)} ${formatInterval(row[`${key}_low`], row[`${key}_high`], formatEstimate)}`.trim();
}

function shareOr(row: JsonObject, key: string, n: number): string {
  const value = numberOf(row[key]);
  return value === undefined ? none : formatShare(value, n);
}

/** Beside a false-positive rate stands what it buys: the won deals that were found, as counts. */
function ratioText(row: JsonObject, side: string): string {
  const [found, missed] = [numberOf(row[`tp_${side}`]), numberOf(row[`fn_${side}`])];
  if (found === undefined || missed === undefined) return none;
  const rate = numberOf(row[`tpr_${side}`]);
  const counts = `${formatCount(found)} of ${formatCount(found + missed)}`;
  return rate === undefined ? counts : `${formatShare(rate, found + missed)} (${counts})`;
}
