-- needs: feature_estimates, brick_features, kit_version_changes
-- One answer of a kit against won or lost. Numbers: point-biserial r, AUC. Booleans, categories and list items: Pearson's r of the
-- share of calls that have it, which is phi where a deal has one call. Limits: Fisher, tanh(atanh r ± 1.96/√(n−3)), for
-- correlations; Wilson for rates. A whole category (level NULL) has Cramér's V, which analyze computes. An alias is its row as a
-- STRUCT.
CREATE OR REPLACE VIEW mart_win_correlation AS
WITH sampled AS (
  SELECT kit_code, brick_key, value_kind, level, any_value(e) FILTER (sample = 'all') AS whole,
    any_value(estimate) FILTER (sample = 'any_call') AS any_call, any_value(estimate) FILTER (sample = 'first_call') AS first_call,
    any_value(e) FILTER (sample = 'within_stage') AS stage, any_value(e) FILTER (sample = 'within_rep') AS rep,
    any_value(estimate) FILTER (sample = 'without_last_14d') AS without_last_14d,
    any_value(estimate) FILTER (sample = 'confident_only') AS confident_only,
    any_value(e) FILTER (sample = 'former_version') AS former
  FROM feature_estimates e GROUP BY kit_code, brick_key, value_kind, level
),
listed AS (
  SELECT DISTINCT kit_code, kit_version_id, brick_key, value_kind, NULL::VARCHAR AS level
  FROM brick_features WHERE value_kind IN ('number', 'boolean') AND NOT is_former
  UNION ALL
  -- Rare levels, and with them free text, would be a crowd of rows that say nothing.
  SELECT kit_code, whole.kit_version_id, brick_key, value_kind, level FROM sampled WHERE level IS NOT NULL AND whole.n_with >= 5
  UNION ALL
  SELECT DISTINCT kit_code, whole.kit_version_id, brick_key, value_kind, NULL FROM sampled
  WHERE level IS NOT NULL AND whole.n_with >= 5 AND value_kind = 'text'
),
joined AS (
  SELECT
    l.kit_code, l.kit_version_id, l.brick_key, l.value_kind, l.level,
    CASE WHEN l.value_kind = 'number' THEN 'mean' WHEN l.value_kind = 'text' AND l.level IS NULL THEN 'category' ELSE 'share' END AS aggregation,
    coalesce(s.whole.n_calls, 0) AS n_calls, coalesce(s.whole.n_deals, 0) AS n_deals,
    coalesce(s.whole.n_won, 0) AS n_won, n_deals - n_won AS n_lost,
    coalesce(s.whole.verdict, 'no_outcome') AS verdict,
    verdict IN ('indicative', 'usable') AS is_estimated,
    s.whole.estimate, s.whole.mean_won, s.whole.mean_lost,
    -- Counts and means only, where there is no estimate for them to stand beside.
    CASE WHEN is_estimated THEN s.any_call END AS any_call, CASE WHEN is_estimated THEN s.first_call END AS first_call,
    CASE WHEN is_estimated THEN s.stage END AS stage, CASE WHEN is_estimated THEN s.rep END AS rep,
    CASE WHEN is_estimated THEN s.without_last_14d END AS without_last_14d,
    CASE WHEN is_estimated THEN s.confident_only END AS confident_only, v.version_changed_at, v.former_version_id, s.former.estimate AS former_estimate, s.former.n_deals AS former_n_deals,
    CASE WHEN aggregation = 'share' THEN coalesce(s.whole.n_with_won, 0) END AS n_true_won,
    CASE WHEN aggregation = 'share' THEN coalesce(s.whole.n_with, 0) - n_true_won END AS n_true_lost,
    n_won - n_true_won AS n_false_won, n_lost - n_true_lost AS n_false_lost, s.whole.auc, s.whole.spearman
  FROM listed l
  LEFT JOIN sampled s ON s.kit_code = l.kit_code AND s.brick_key = l.brick_key AND s.value_kind = l.value_kind
    AND s.level IS NOT DISTINCT FROM l.level
  LEFT JOIN kit_version_changes v ON v.kit_code = l.kit_code
),
-- Wilson limits of k of n, for every rate below.
rates AS (
  SELECT n_won AS k, n_deals AS n FROM joined
  UNION SELECT n_true_won, n_true_won + n_true_lost FROM joined
  UNION SELECT n_false_won, n_false_won + n_false_lost FROM joined
),
wilson AS (
  SELECT k, n, k / n::DOUBLE AS rate,
    greatest(0, (k + 1.9207294103470627e0 - 1.959963984540054e0 * sqrt(k * (n - k) / n::DOUBLE + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) AS low,
    least(1, (k + 1.9207294103470627e0 + 1.959963984540054e0 * sqrt(k * (n - k) / n::DOUBLE + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) AS high
  FROM rates WHERE n > 0
)
SELECT
  m.kit_code, m.kit_version_id, m.brick_key, m.value_kind, m.level, m.aggregation, m.n_calls, m.n_deals, m.n_won, m.n_lost,
  w.rate AS win_rate, w.low AS win_rate_low, w.high AS win_rate_high,
  m.estimate,
  CASE WHEN abs(m.estimate) < 1 THEN tanh(atanh(m.estimate) - 1.959963984540054e0 / sqrt(m.n_deals - 3)) END AS ci_low,
  CASE WHEN abs(m.estimate) < 1 THEN tanh(atanh(m.estimate) + 1.959963984540054e0 / sqrt(m.n_deals - 3)) END AS ci_high,
  a.boot_low, a.boot_high, a.p_value, a.q_value, a.tests_in_family,
  m.first_call, m.stage.estimate AS within_stage, m.stage.n_groups_dropped AS within_stage_dropped,
  m.rep.estimate AS within_rep, m.rep.n_groups_dropped AS within_rep_dropped,
  -- A sample turns the estimate over when it has the other sign or less than half of it.
  CASE
    WHEN m.stage.estimate * sign(m.estimate) < abs(m.estimate) / 2 THEN 'stage'
    WHEN m.rep.estimate * sign(m.estimate) < abs(m.estimate) / 2 THEN 'rep'
    WHEN m.first_call * sign(m.estimate) < abs(m.estimate) / 2 THEN 'exposure'
  END AS caution,
  m.any_call, m.without_last_14d, m.confident_only,
  m.auc, a.auc_low, a.auc_high,
  m.spearman,
  a.r_ceiling, m.estimate / sqrt(t.reliability) AS r_corrected, a.cramers_v, m.mean_won, m.mean_lost,
  m.n_true_won, m.n_true_lost, m.n_false_won, m.n_false_lost,
  with_it.rate AS win_rate_if_true, with_it.low AS win_rate_if_true_low, with_it.high AS win_rate_if_true_high,
  without_it.rate AS win_rate_if_false, without_it.low AS win_rate_if_false_low, without_it.high AS win_rate_if_false_high,
  with_it.rate - without_it.rate AS risk_difference,
  m.version_changed_at, m.former_version_id, m.former_estimate, m.former_n_deals, m.verdict,
  greatest(0, 30 - m.n_deals) AS deals_missing, greatest(0, 10 - m.n_won) AS won_missing, greatest(0, 10 - m.n_lost) AS lost_missing,
  CASE WHEN m.aggregation = 'share' THEN greatest(0, 10 - m.n_true_won - m.n_true_lost) END AS with_missing,
  CASE WHEN m.aggregation = 'share' THEN greatest(0, 10 - m.n_false_won - m.n_false_lost) END AS without_missing,
  a.analyzed_as_of,
  -- Sums in another order differ in their last bits: that is no news.
  CASE WHEN a.analysis_id IS NOT NULL THEN a.n_deals <> m.n_deals OR a.n_won <> m.n_won
    OR abs(coalesce(a.estimate, 9) - coalesce(m.estimate, 9)) > 1e-9 END AS is_stale
FROM joined m
LEFT JOIN wilson w ON w.k = m.n_won AND w.n = m.n_deals
LEFT JOIN wilson with_it ON m.is_estimated AND with_it.k = m.n_true_won AND with_it.n = m.n_true_won + m.n_true_lost
LEFT JOIN wilson without_it ON m.is_estimated AND without_it.k = m.n_false_won AND without_it.n = m.n_false_won + m.n_false_lost
LEFT JOIN an_win_correlation a ON a.kit_code = m.kit_code AND a.kit_version_id IS NOT DISTINCT FROM m.kit_version_id
  AND a.brick_key = m.brick_key AND a.value_kind = m.value_kind AND a.level IS NOT DISTINCT FROM m.level
LEFT JOIN an_scorer_trust t ON t.comparison = 'test_retest' AND t.month IS NULL AND t.n_pairs >= 30 AND t.reliability > 0
  AND t.kit_code = m.kit_code AND t.kit_version_id IS NOT DISTINCT FROM m.kit_version_id AND t.brick_key = m.brick_key
  AND t.value_kind = m.value_kind;

COMMENT ON VIEW mart_win_correlation IS 'What goes with winning, one row a kit, brick, kind of value and level; the deal is the unit. An association, never a cause. Made by gong-elt.';
COMMENT ON COLUMN mart_win_correlation.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_win_correlation.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_win_correlation.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN mart_win_correlation.value_kind IS 'Key. number, boolean, text (category) or list.';
COMMENT ON COLUMN mart_win_correlation.level IS 'Key. The category or list item; NULL for numbers, booleans and a category as a whole. Levels that fewer than 5 deals have are left out.';
COMMENT ON COLUMN mart_win_correlation.aggregation IS 'From calls to the deal: mean of a number; share of the calls with a value that have it; category: the one that most calls have.';
COMMENT ON COLUMN mart_win_correlation.n_calls IS 'Eligible calls with a value of the brick.';
COMMENT ON COLUMN mart_win_correlation.n_deals IS 'Closed deals with a value of the brick.';
COMMENT ON COLUMN mart_win_correlation.n_won IS 'Of these, won.';
COMMENT ON COLUMN mart_win_correlation.n_lost IS 'Of these, lost.';
COMMENT ON COLUMN mart_win_correlation.win_rate IS 'n_won of n_deals.';
COMMENT ON COLUMN mart_win_correlation.win_rate_low IS '95 % Wilson limit of win_rate.';
COMMENT ON COLUMN mart_win_correlation.win_rate_high IS '95 % Wilson limit of win_rate.';
COMMENT ON COLUMN mart_win_correlation.estimate IS 'Correlation of the deal with winning: point-biserial r of a number; of a boolean or level Pearson''s r of its share of calls, which is phi where a deal has one call. NULL unless the verdict is indicative or usable, and for a category as a whole.';
COMMENT ON COLUMN mart_win_correlation.ci_low IS '95 % Fisher limit of estimate; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_win_correlation.ci_high IS '95 % Fisher limit of estimate; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_win_correlation.boot_low IS '95 % bootstrap limit of estimate, by deal (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.boot_high IS '95 % bootstrap limit of estimate, by deal (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.p_value IS 'Exact t test of estimate; a category as a whole: chi-square, or permutation where a cell is expected to hold fewer than 5 (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.q_value IS 'Benjamini-Hochberg over the family of tests: under 0.10 is worth a look (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.tests_in_family IS 'Size of that family (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.first_call IS 'estimate from the first eligible call of each deal with a value only: without what the number of calls adds.';
COMMENT ON COLUMN mart_win_correlation.within_stage IS 'estimate within the stages of the calls: a deal is compared in each stage with the other deals there, both sides centred on the mean of the stage. NULL where too few are left.';
COMMENT ON COLUMN mart_win_correlation.within_stage_dropped IS 'Stages in which all deals had one outcome; they are left out of within_stage.';
COMMENT ON COLUMN mart_win_correlation.within_rep IS 'estimate within reps (owner of most of the deal''s eligible calls), both sides centred on the mean of the rep. NULL where too few are left.';
COMMENT ON COLUMN mart_win_correlation.within_rep_dropped IS 'Reps whose deals had one outcome; they are left out of within_rep.';
COMMENT ON COLUMN mart_win_correlation.caution IS 'What turns the estimate over, which then changes its sign or loses more than half: stage (within_stage), else rep (within_rep), else exposure (first_call). NULL when nothing does.';
COMMENT ON COLUMN mart_win_correlation.any_call IS 'Booleans and levels: phi of whether any call has it. Rises with the number of calls a deal had; never the estimate.';
COMMENT ON COLUMN mart_win_correlation.without_last_14d IS 'estimate without the calls of the last 14 days before the close.';
COMMENT ON COLUMN mart_win_correlation.confident_only IS 'estimate from answers with confidence 0.7 or more.';
COMMENT ON COLUMN mart_win_correlation.auc IS 'Numbers: share of pairs of a won and a lost deal in which the won one is higher, ties half.';
COMMENT ON COLUMN mart_win_correlation.auc_low IS '95 % bootstrap limit of auc (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.auc_high IS '95 % bootstrap limit of auc (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.spearman IS 'Numbers: rank correlation with winning.';
COMMENT ON COLUMN mart_win_correlation.r_ceiling IS 'Largest r that a normal score could have at this win rate (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.r_corrected IS 'estimate divided by the square root of the reliability that mart_scorer_trust found by test and retest of 30 pairs or more: if the score were measured without error. Never the headline.';
COMMENT ON COLUMN mart_win_correlation.cramers_v IS 'A category as a whole: Cramér''s V with won and lost, corrected for bias (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.mean_won IS 'Mean over won deals; of a boolean or level the mean share of calls.';
COMMENT ON COLUMN mart_win_correlation.mean_lost IS 'Mean over lost deals; of a boolean or level the mean share of calls.';
COMMENT ON COLUMN mart_win_correlation.n_true_won IS 'Booleans and levels: won deals that have it in any call.';
COMMENT ON COLUMN mart_win_correlation.n_true_lost IS 'Booleans and levels: lost deals that have it in any call.';
COMMENT ON COLUMN mart_win_correlation.n_false_won IS 'Booleans and levels: won deals that have it in no call.';
COMMENT ON COLUMN mart_win_correlation.n_false_lost IS 'Booleans and levels: lost deals that have it in no call.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_true IS 'Share won of the deals that have it in any call.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_true_low IS '95 % Wilson limit of win_rate_if_true.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_true_high IS '95 % Wilson limit of win_rate_if_true.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_false IS 'Share won of the deals that have it in no call.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_false_low IS '95 % Wilson limit of win_rate_if_false.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_false_high IS '95 % Wilson limit of win_rate_if_false.';
COMMENT ON COLUMN mart_win_correlation.risk_difference IS 'win_rate_if_true minus win_rate_if_false.';
COMMENT ON COLUMN mart_win_correlation.version_changed_at IS 'When the analysed version of the kit was first asked for, if the kit had another one before.';
COMMENT ON COLUMN mart_win_correlation.former_version_id IS 'The version before.';
COMMENT ON COLUMN mart_win_correlation.former_estimate IS 'estimate under the former version.';
COMMENT ON COLUMN mart_win_correlation.former_n_deals IS 'Closed deals behind former_estimate.';
COMMENT ON COLUMN mart_win_correlation.verdict IS 'no_outcome (no closed deal), no_variation (all deals have the same value or the same outcome), too_few (under 30 deals or 10 of either outcome; booleans and levels also under 10 deals with or without it), indicative (under 100 deals or 20 of either outcome), usable.';
COMMENT ON COLUMN mart_win_correlation.deals_missing IS 'Closed deals that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.won_missing IS 'Won deals that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.lost_missing IS 'Lost deals that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.with_missing IS 'Booleans and levels: deals with it that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.without_missing IS 'Booleans and levels: deals without it that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.analyzed_as_of IS 'State of the data that was analysed; NULL without an analysis.';
COMMENT ON COLUMN mart_win_correlation.is_stale IS 'Have deals, outcomes or the estimate changed since the analysis? NULL without one.';
