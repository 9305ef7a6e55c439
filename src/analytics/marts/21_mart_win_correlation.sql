-- needs: deal_features, brick_features, as_of
-- One answer of a kit against won or lost. Numbers: point-biserial r, AUC. Booleans, categories and list items: phi. Both are
-- Pearson's r. Limits: Fisher, tanh(atanh r ± 1.96/√(n−3)), for correlations; Wilson for rates.
CREATE OR REPLACE VIEW mart_win_correlation AS
WITH features AS (SELECT * FROM deal_features),
-- The estimate itself and its two sensitivities go through the same arithmetic.
subsets AS (
  SELECT 'all' AS subset, kit_code, brick_key, value_kind, level, x, n_calls, is_won FROM features
  UNION ALL
  SELECT 'without_last_14d', kit_code, brick_key, value_kind, level, x_without_last_14d, n_calls_without_last_14d, is_won
  FROM features WHERE n_calls_without_last_14d > 0
  UNION ALL
  SELECT 'confident', kit_code, brick_key, value_kind, level, x_confident, n_calls_confident, is_won
  FROM features WHERE n_calls_confident > 0
),
-- Everything that has a value: what a level that is absent is counted against.
totals AS (
  SELECT subset, kit_code, brick_key, value_kind, count(*) AS n_deals, count_if(is_won) AS n_won, sum(n_calls)::BIGINT AS n_calls
  FROM subsets WHERE level IS NULL
  GROUP BY subset, kit_code, brick_key, value_kind
),
sums AS (
  SELECT subset, kit_code, brick_key, value_kind, level,
    count_if(x = 1) AS n_true, count_if(x = 1 AND is_won) AS n_true_won, min(x) = max(x) AS is_constant,
    corr(x, is_won::INTEGER) AS r, avg(x) FILTER (is_won) AS mean_won, avg(x) FILTER (NOT is_won) AS mean_lost
  FROM subsets WHERE level IS NOT NULL OR value_kind IN ('number', 'boolean')
  GROUP BY subset, kit_code, brick_key, value_kind, level
),
-- The 2×2 table of a 0/1 feature, as DOUBLE: products of four counts do not fit a BIGINT.
crossed AS (
  SELECT s.*, t.n_deals, t.n_won, t.n_deals - t.n_won AS n_lost, t.n_calls,
    s.n_true_won::DOUBLE AS n11, (s.n_true - s.n_true_won)::DOUBLE AS n10,
    (t.n_won - s.n_true_won)::DOUBLE AS n01, (t.n_deals - t.n_won - s.n_true + s.n_true_won)::DOUBLE AS n00
  FROM sums s JOIN totals t
    ON t.subset = s.subset AND t.kit_code = s.kit_code AND t.brick_key = s.brick_key AND t.value_kind = s.value_kind
),
judged AS (
  SELECT *,
    CASE
      WHEN n_deals > 1 AND (n_won = 0 OR n_lost = 0
        OR CASE WHEN value_kind = 'number' THEN is_constant ELSE n_true IN (0, n_deals) END) THEN 'no_variation'
      WHEN n_deals < 30 OR n_won < 10 OR n_lost < 10 THEN 'too_few'
      WHEN n_deals < 100 OR n_won < 20 OR n_lost < 20 THEN 'indicative'
      ELSE 'usable'
    END AS verdict,
    CASE WHEN value_kind = 'number' THEN r
         ELSE (n11 * n00 - n10 * n01) / sqrt((n11 + n10) * (n01 + n00) * (n11 + n01) * (n10 + n00)) END AS raw_estimate
  FROM crossed
),
-- corr of a constant is NaN, which would sort above every number: no_variation keeps it out.
estimated AS (
  SELECT *, CASE WHEN verdict IN ('indicative', 'usable') THEN raw_estimate END AS estimate FROM judged
),
-- AUC and Spearman share mid-ranks. The rank of won and lost is a linear function of 0/1, so Spearman needs ranks of x only.
ranked AS (
  SELECT kit_code, brick_key, is_won,
    rank() OVER (PARTITION BY kit_code, brick_key ORDER BY x) + (count(*) OVER (PARTITION BY kit_code, brick_key, x) - 1) / 2e0 AS x_rank
  FROM features WHERE value_kind = 'number'
),
ranks AS (
  SELECT kit_code, brick_key, 'number' AS value_kind,
    (sum(x_rank) FILTER (is_won) - count_if(is_won) * (count_if(is_won) + 1) / 2e0)
      / nullif(count_if(is_won)::DOUBLE * count_if(NOT is_won), 0) AS auc,
    corr(x_rank, is_won::INTEGER) AS spearman
  FROM ranked GROUP BY kit_code, brick_key
),
listed AS (
  SELECT DISTINCT kit_code, kit_version_id, brick_key, value_kind, NULL::VARCHAR AS level
  FROM brick_features WHERE value_kind IN ('number', 'boolean')
  UNION ALL
  -- Rare levels, and with them free text, would be a crowd of rows that say nothing.
  SELECT kit_code, any_value(kit_version_id), brick_key, value_kind, level
  FROM features WHERE level IS NOT NULL
  GROUP BY kit_code, brick_key, value_kind, level HAVING count(*) >= 5
),
joined AS (
  SELECT
    l.kit_code, l.kit_version_id, l.brick_key, l.value_kind, l.level,
    CASE WHEN l.value_kind = 'number' THEN 'mean' ELSE 'any' END AS aggregation,
    coalesce(e.n_calls, 0) AS n_calls, coalesce(e.n_deals, 0) AS n_deals, coalesce(e.n_won, 0) AS n_won, coalesce(e.n_lost, 0) AS n_lost,
    coalesce(e.verdict, 'no_outcome') AS verdict, coalesce(e.verdict IN ('indicative', 'usable'), false) AS is_estimated,
    e.estimate, CASE WHEN e.value_kind = 'number' THEN e.mean_won ELSE e.n11 / nullif(e.n_won, 0) END AS mean_won,
    CASE WHEN e.value_kind = 'number' THEN e.mean_lost ELSE e.n10 / nullif(e.n_lost, 0) END AS mean_lost,
    CASE WHEN l.value_kind <> 'number' THEN coalesce(e.n11, 0)::BIGINT END AS n_true_won,
    CASE WHEN l.value_kind <> 'number' THEN coalesce(e.n10, 0)::BIGINT END AS n_true_lost,
    CASE WHEN l.value_kind <> 'number' THEN coalesce(e.n01, 0)::BIGINT END AS n_false_won,
    CASE WHEN l.value_kind <> 'number' THEN coalesce(e.n00, 0)::BIGINT END AS n_false_lost,
    r.auc, r.spearman, early.estimate AS without_last_14d, sure.estimate AS confident_only
  FROM listed l
  LEFT JOIN estimated e ON e.subset = 'all' AND e.kit_code = l.kit_code AND e.brick_key = l.brick_key
    AND e.value_kind = l.value_kind AND e.level IS NOT DISTINCT FROM l.level
  LEFT JOIN estimated early ON early.subset = 'without_last_14d' AND early.kit_code = l.kit_code AND early.brick_key = l.brick_key
    AND early.value_kind = l.value_kind AND early.level IS NOT DISTINCT FROM l.level
  LEFT JOIN estimated sure ON sure.subset = 'confident' AND sure.kit_code = l.kit_code AND sure.brick_key = l.brick_key
    AND sure.value_kind = l.value_kind AND sure.level IS NOT DISTINCT FROM l.level
  LEFT JOIN ranks r ON r.kit_code = l.kit_code AND r.brick_key = l.brick_key AND r.value_kind = l.value_kind
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
  CASE WHEN m.is_estimated THEN m.auc END AS auc, a.auc_low, a.auc_high,
  CASE WHEN m.is_estimated THEN m.spearman END AS spearman,
  a.r_ceiling, m.mean_won, m.mean_lost, m.n_true_won, m.n_true_lost, m.n_false_won, m.n_false_lost,
  with_it.rate AS win_rate_if_true, with_it.low AS win_rate_if_true_low, with_it.high AS win_rate_if_true_high,
  without_it.rate AS win_rate_if_false, without_it.low AS win_rate_if_false_low, without_it.high AS win_rate_if_false_high,
  with_it.rate - without_it.rate AS risk_difference,
  m.without_last_14d, m.confident_only, m.verdict,
  greatest(0, 30 - m.n_deals) AS deals_missing, greatest(0, 10 - m.n_won) AS won_missing, greatest(0, 10 - m.n_lost) AS lost_missing,
  a.analyzed_as_of < (SELECT as_of FROM as_of) AS is_stale
FROM joined m
LEFT JOIN wilson w ON w.k = m.n_won AND w.n = m.n_deals
LEFT JOIN wilson with_it ON m.is_estimated AND with_it.k = m.n_true_won AND with_it.n = m.n_true_won + m.n_true_lost
LEFT JOIN wilson without_it ON m.is_estimated AND without_it.k = m.n_false_won AND without_it.n = m.n_false_won + m.n_false_lost
LEFT JOIN an_win_correlation a ON a.kit_code = m.kit_code AND a.kit_version_id IS NOT DISTINCT FROM m.kit_version_id
  AND a.brick_key = m.brick_key AND a.value_kind = m.value_kind AND a.level IS NOT DISTINCT FROM m.level;

COMMENT ON VIEW mart_win_correlation IS 'What goes with winning, one row a kit, brick, kind of value and level; the deal is the unit. An association, never a cause. Made by gong-elt.';
COMMENT ON COLUMN mart_win_correlation.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_win_correlation.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_win_correlation.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN mart_win_correlation.value_kind IS 'Key. number, boolean, text (category) or list.';
COMMENT ON COLUMN mart_win_correlation.level IS 'Key. The category or list item; NULL for numbers and booleans. Levels that fewer than 5 deals have are left out.';
COMMENT ON COLUMN mart_win_correlation.aggregation IS 'From calls to the deal: mean of a number; any call has it.';
COMMENT ON COLUMN mart_win_correlation.n_calls IS 'Eligible calls with a value of the brick.';
COMMENT ON COLUMN mart_win_correlation.n_deals IS 'Closed deals with a value of the brick.';
COMMENT ON COLUMN mart_win_correlation.n_won IS 'Of these, won.';
COMMENT ON COLUMN mart_win_correlation.n_lost IS 'Of these, lost.';
COMMENT ON COLUMN mart_win_correlation.win_rate IS 'n_won of n_deals.';
COMMENT ON COLUMN mart_win_correlation.win_rate_low IS '95 % Wilson limit of win_rate.';
COMMENT ON COLUMN mart_win_correlation.win_rate_high IS '95 % Wilson limit of win_rate.';
COMMENT ON COLUMN mart_win_correlation.estimate IS 'Correlation with winning: point-biserial r of a number, phi of a boolean or level. NULL unless the verdict is indicative or usable.';
COMMENT ON COLUMN mart_win_correlation.ci_low IS '95 % Fisher limit of estimate; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_win_correlation.ci_high IS '95 % Fisher limit of estimate; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_win_correlation.boot_low IS '95 % bootstrap limit of estimate, by deal (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.boot_high IS '95 % bootstrap limit of estimate, by deal (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.p_value IS 'Exact t test of estimate (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.q_value IS 'Benjamini-Hochberg over the family of tests (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.tests_in_family IS 'Size of that family (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.auc IS 'Numbers: share of pairs of a won and a lost deal in which the won one is higher, ties half.';
COMMENT ON COLUMN mart_win_correlation.auc_low IS '95 % bootstrap limit of auc (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.auc_high IS '95 % bootstrap limit of auc (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.spearman IS 'Numbers: rank correlation with winning.';
COMMENT ON COLUMN mart_win_correlation.r_ceiling IS 'Largest r that a normal score could have at this win rate (an_win_correlation).';
COMMENT ON COLUMN mart_win_correlation.mean_won IS 'Mean over won deals; of a boolean or level the share of won deals that have it.';
COMMENT ON COLUMN mart_win_correlation.mean_lost IS 'Mean over lost deals; of a boolean or level the share of lost deals that have it.';
COMMENT ON COLUMN mart_win_correlation.n_true_won IS 'Booleans and levels: won deals that have it.';
COMMENT ON COLUMN mart_win_correlation.n_true_lost IS 'Booleans and levels: lost deals that have it.';
COMMENT ON COLUMN mart_win_correlation.n_false_won IS 'Booleans and levels: won deals without it.';
COMMENT ON COLUMN mart_win_correlation.n_false_lost IS 'Booleans and levels: lost deals without it.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_true IS 'Share won of the deals that have it.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_true_low IS '95 % Wilson limit of win_rate_if_true.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_true_high IS '95 % Wilson limit of win_rate_if_true.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_false IS 'Share won of the deals without it.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_false_low IS '95 % Wilson limit of win_rate_if_false.';
COMMENT ON COLUMN mart_win_correlation.win_rate_if_false_high IS '95 % Wilson limit of win_rate_if_false.';
COMMENT ON COLUMN mart_win_correlation.risk_difference IS 'win_rate_if_true minus win_rate_if_false.';
COMMENT ON COLUMN mart_win_correlation.without_last_14d IS 'estimate without the calls of the last 14 days before the close.';
COMMENT ON COLUMN mart_win_correlation.confident_only IS 'estimate from answers with confidence 0.7 or more.';
COMMENT ON COLUMN mart_win_correlation.verdict IS 'no_outcome (no closed deal), no_variation (all deals have the same value or the same outcome), too_few (under 30 deals or 10 of either outcome), indicative (under 100 or 20 of either), usable.';
COMMENT ON COLUMN mart_win_correlation.deals_missing IS 'Closed deals that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.won_missing IS 'Won deals that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.lost_missing IS 'Lost deals that are missing for an estimate.';
COMMENT ON COLUMN mart_win_correlation.is_stale IS 'Was data read since the analysis? NULL without one.';
