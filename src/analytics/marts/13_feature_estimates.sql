-- needs: brick_features, deal_features, eligible_calls
-- The estimate of every feature and what stands beside it, all through the same arithmetic: Pearson's r of a feature with won (1)
-- and lost (0). Within a stage or a rep both sides are centred on the mean of their group first.
CREATE OR REPLACE VIEW feature_estimates AS
WITH shares AS MATERIALIZED (SELECT * FROM deal_features),
-- A number for what would be four columns in every key below.
features AS MATERIALIZED (
  SELECT row_number() OVER () AS feature, * FROM (
    SELECT DISTINCT kit_code, kit_version_id, is_former, brick_key, value_kind FROM shares)
),
-- The rep of a deal: the owner of most of its eligible calls, of equals the earlier.
reps AS (
  SELECT opportunity_id, owner FROM eligible_calls
  GROUP BY opportunity_id, owner
  QUALIFY row_number() OVER (PARTITION BY opportunity_id ORDER BY count(*) DESC, min(call_number)) = 1
),
deal_rows AS MATERIALIZED (
  SELECT f.feature, f.is_former, f.value_kind, r.owner, d.level, d.x, d.x_any_call, d.x_first_call, d.x_without_last_14d, d.x_confident,
    d.n_calls, d.n_calls_without_last_14d, d.n_calls_confident, d.is_won
  FROM shares d
  JOIN features f ON f.kit_code = d.kit_code AND f.brick_key = d.brick_key AND f.value_kind = d.value_kind
    AND f.kit_version_id IS NOT DISTINCT FROM d.kit_version_id
  JOIN reps r ON r.opportunity_id = d.opportunity_id
),
-- A deal has calls in several stages, and in each of them it is compared with the other deals there.
staged AS (
  SELECT call_id, stage_at_call, is_won, dense_rank() OVER (ORDER BY opportunity_id) AS deal FROM eligible_calls
  WHERE stage_at_call IS NOT NULL
),
stage_counts AS (
  SELECT n.feature, s.deal, s.stage_at_call, f.level, any_value(n.value_kind) AS value_kind, any_value(s.is_won) AS is_won,
    count(*) AS n_calls, sum(f.x) AS total
  FROM brick_features f
  JOIN features n ON n.kit_code = f.kit_code AND n.brick_key = f.brick_key AND n.value_kind = f.value_kind
    AND n.kit_version_id IS NOT DISTINCT FROM f.kit_version_id AND NOT n.is_former
  JOIN staged s ON s.call_id = f.call_id
  GROUP BY n.feature, s.deal, s.stage_at_call, f.level
),
stage_rows AS (
  SELECT feature, stage_at_call, value_kind, level, n_calls, is_won,
    CASE WHEN value_kind = 'number' THEN round(total / n_calls, 9) ELSE total / n_calls END AS x
  FROM stage_counts WHERE level IS NULL
  UNION ALL
  SELECT l.feature, l.stage_at_call, l.value_kind, l.level, l.n_calls, l.is_won, l.n_calls / a.n_calls::DOUBLE
  FROM stage_counts l
  JOIN stage_counts a ON a.level IS NULL AND a.feature = l.feature AND a.deal = l.deal AND a.stage_at_call = l.stage_at_call
  WHERE l.level IS NOT NULL
),
samples AS (
  SELECT CASE WHEN is_former THEN 'former_version' ELSE 'all' END AS sample, NULL::VARCHAR AS group_name, feature, value_kind, level, x,
    n_calls, is_won
  FROM deal_rows
  UNION ALL
  SELECT 'any_call', NULL, feature, value_kind, level, x_any_call, n_calls, is_won FROM deal_rows
  WHERE NOT is_former AND value_kind <> 'number'
  UNION ALL
  SELECT 'first_call', NULL, feature, value_kind, level, x_first_call, 1, is_won FROM deal_rows WHERE NOT is_former
  UNION ALL
  SELECT 'without_last_14d', NULL, feature, value_kind, level, x_without_last_14d, n_calls_without_last_14d, is_won FROM deal_rows
  WHERE NOT is_former AND n_calls_without_last_14d > 0
  UNION ALL
  SELECT 'confident_only', NULL, feature, value_kind, level, x_confident, n_calls_confident, is_won FROM deal_rows
  WHERE NOT is_former AND n_calls_confident > 0
  UNION ALL
  SELECT 'within_rep', owner, feature, value_kind, level, x, n_calls, is_won FROM deal_rows WHERE NOT is_former AND owner IS NOT NULL
  UNION ALL
  SELECT 'within_stage', stage_at_call, feature, value_kind, level, x, n_calls, is_won FROM stage_rows
),
-- One pass over all of them. The row of the value itself (level NULL) counts every deal that has one: what a level that is absent
-- is counted against.
sums AS MATERIALIZED (
  SELECT sample, group_name, feature, level, any_value(value_kind) AS value_kind, count(*)::DOUBLE AS n,
    count_if(is_won)::DOUBLE AS n_won, sum(n_calls)::DOUBLE AS n_calls,
    count_if(x > 0)::DOUBLE AS n_with, count_if(x > 0 AND is_won)::DOUBLE AS n_with_won, min(x) = max(x) AS is_same,
    sum(x) AS sum_x, sum(x * x) AS sum_xx, coalesce(sum(x) FILTER (is_won), 0) AS sum_won,
    var_pop(x) AS variance, covar_pop(x, is_won::INTEGER) AS covariance
  FROM samples
  GROUP BY sample, group_name, feature, level
),
-- As DOUBLE: products of counts do not fit a BIGINT.
totals AS (
  SELECT sample, group_name, feature, n, n_won, n_calls, n_won * (n - n_won) / n AS syy,
    sample NOT LIKE 'within%' OR (n_won > 0 AND n_won < n) AS is_kept
  FROM sums WHERE level IS NULL
),
-- A group counts for a level also where no deal of it has the level.
whole AS (
  SELECT sample, feature, count(*) AS n_groups, count_if(NOT is_kept)::BIGINT AS n_groups_dropped,
    coalesce(sum(n) FILTER (is_kept), 0)::BIGINT AS n_deals, coalesce(sum(n_won) FILTER (is_kept), 0)::BIGINT AS n_won,
    coalesce(sum(n_calls) FILTER (is_kept), 0)::BIGINT AS n_calls, sum(syy ORDER BY group_name) FILTER (is_kept) AS syy
  FROM totals GROUP BY sample, feature
),
moments AS (
  SELECT s.* EXCLUDE (n, n_won, n_calls), t.is_kept, s.is_same AND (s.n = t.n OR s.sum_x = 0) AS is_constant,
    -- Numbers by the distance from their mean, which keeps the digits of large ones. Shares by their sums: a deal without a level
    -- has no row of it and counts as 0.
    CASE WHEN is_constant THEN 0 WHEN s.value_kind = 'number' THEN t.n * s.variance
         ELSE s.sum_xx - s.sum_x * s.sum_x / t.n END AS sxx,
    CASE WHEN is_constant THEN 0 WHEN s.value_kind = 'number' THEN t.n * s.covariance
         ELSE s.sum_won - s.sum_x * t.n_won / t.n END AS sxy
  FROM sums s
  JOIN totals t ON t.sample = s.sample AND t.feature = s.feature AND t.group_name IS NOT DISTINCT FROM s.group_name
  WHERE s.level IS NOT NULL OR s.value_kind IN ('number', 'boolean')
),
pooled AS (
  SELECT m.sample, m.feature, m.level, any_value(m.value_kind) AS value_kind, any_value(w.n_groups) AS n_groups,
    any_value(w.n_groups_dropped) AS n_groups_dropped, any_value(w.n_deals) AS n_deals, any_value(w.n_won) AS n_won,
    any_value(w.n_calls) AS n_calls, coalesce(sum(m.n_with) FILTER (m.is_kept), 0)::BIGINT AS n_with,
    coalesce(sum(m.n_with_won) FILTER (m.is_kept), 0)::BIGINT AS n_with_won,
    sum(m.sum_won ORDER BY m.group_name) FILTER (m.is_kept) / nullif(any_value(w.n_won), 0) AS mean_won,
    sum(m.sum_x - m.sum_won ORDER BY m.group_name) FILTER (m.is_kept) / nullif(any_value(w.n_deals - w.n_won), 0) AS mean_lost,
    sum(m.sxx ORDER BY m.group_name) FILTER (m.is_kept) AS sxx, sum(m.sxy ORDER BY m.group_name) FILTER (m.is_kept) AS sxy,
    any_value(w.syy) AS syy
  FROM moments m JOIN whole w ON w.sample = m.sample AND w.feature = m.feature
  GROUP BY m.sample, m.feature, m.level
),
-- A category as a whole has counts here; it varies when two levels of it occur.
whole_categories AS (
  SELECT 'all' AS sample, w.feature, NULL::VARCHAR AS level, 'text' AS value_kind, 1 AS n_groups, 0 AS n_groups_dropped,
    any_value(w.n_deals) AS n_deals, any_value(w.n_won) AS n_won, any_value(w.n_calls) AS n_calls, NULL::BIGINT AS n_with,
    NULL::BIGINT AS n_with_won, NULL::DOUBLE AS mean_won, NULL::DOUBLE AS mean_lost,
    (count(s.level) - 1)::DOUBLE AS sxx, NULL::DOUBLE AS sxy, any_value(w.syy) AS syy
  FROM whole w JOIN sums s ON s.sample = w.sample AND s.feature = w.feature
  WHERE w.sample = 'all' AND s.value_kind = 'text'
  GROUP BY w.feature
),
-- AUC and Spearman share mid-ranks. The rank of won and lost is a linear function of 0/1, so Spearman needs ranks of x only.
ranked AS (
  SELECT feature, is_won, rank() OVER (PARTITION BY feature ORDER BY x) + (count(*) OVER (PARTITION BY feature, x) - 1) / 2e0 AS x_rank
  FROM deal_rows WHERE value_kind = 'number' AND NOT is_former
),
ranks AS (
  SELECT feature,
    (sum(x_rank) FILTER (is_won) - count_if(is_won) * (count_if(is_won) + 1) / 2e0)
      / nullif(count_if(is_won)::DOUBLE * count_if(NOT is_won), 0) AS auc,
    corr(x_rank, is_won::INTEGER) AS spearman
  FROM ranked GROUP BY feature
),
judged AS (
  SELECT *, n_deals - n_won AS n_lost,
    CASE
      WHEN n_deals = 0 THEN 'no_outcome'
      WHEN n_deals > 1 AND (sxx > 0 AND syy > 0) IS NOT TRUE THEN 'no_variation'
      WHEN n_deals < 30 OR n_won < 10 OR n_lost < 10 THEN 'too_few'
      WHEN n_with IS NOT NULL AND value_kind <> 'number' AND (n_with < 10 OR n_deals - n_with < 10) THEN 'too_few'
      WHEN n_deals < 100 OR n_won < 20 OR n_lost < 20 THEN 'indicative'
      ELSE 'usable'
    END AS verdict
  FROM (SELECT * FROM pooled UNION ALL SELECT * FROM whole_categories)
)
SELECT
  f.kit_code, f.kit_version_id, f.brick_key, f.value_kind, j.level, j.sample, n_calls, n_deals, n_won, n_lost, n_with, n_with_won, mean_won, mean_lost,
  -- greatest and least pass over NULL, which a category as a whole has.
  CASE WHEN verdict IN ('indicative', 'usable') AND sxy IS NOT NULL THEN greatest(-1, least(1, sxy / sqrt(sxx * syy))) END AS estimate,
  CASE WHEN j.sample = 'all' AND verdict IN ('indicative', 'usable') THEN r.auc END AS auc,
  CASE WHEN j.sample = 'all' AND verdict IN ('indicative', 'usable') THEN r.spearman END AS spearman,
  verdict, n_groups, n_groups_dropped
FROM judged j JOIN features f ON f.feature = j.feature LEFT JOIN ranks r ON r.feature = j.feature;

COMMENT ON VIEW feature_estimates IS 'Correlation of every feature with winning, in all closed deals and in the samples that stand beside, one row a kit, version, brick, kind, level and sample. Made by gong-elt.';
COMMENT ON COLUMN feature_estimates.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN feature_estimates.kit_version_id IS 'Key, may be NULL. The analysed version, or the one before it.';
COMMENT ON COLUMN feature_estimates.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN feature_estimates.value_kind IS 'Key. number, boolean, text or list.';
COMMENT ON COLUMN feature_estimates.level IS 'Key. The category or list item; NULL for numbers, booleans and a category as a whole.';
COMMENT ON COLUMN feature_estimates.sample IS 'Key. all: mean of a number, share of the calls that have it. any_call: does any call have it? first_call: the first eligible call with a value. within_stage, within_rep: a row is the calls of a deal in one stage, or of one rep. without_last_14d, confident_only: as in deal_features. former_version: all, under the version before.';
COMMENT ON COLUMN feature_estimates.n_calls IS 'Calls with a value.';
COMMENT ON COLUMN feature_estimates.n_deals IS 'Closed deals with a value; within groups: pairs of a deal and a group.';
COMMENT ON COLUMN feature_estimates.n_won IS 'Of these, won.';
COMMENT ON COLUMN feature_estimates.n_lost IS 'Of these, lost.';
COMMENT ON COLUMN feature_estimates.n_with IS 'Of n_deals, those in which any call has it; numbers: above 0.';
COMMENT ON COLUMN feature_estimates.n_with_won IS 'Of these, won.';
COMMENT ON COLUMN feature_estimates.mean_won IS 'Mean over won deals.';
COMMENT ON COLUMN feature_estimates.mean_lost IS 'Mean over lost deals.';
COMMENT ON COLUMN feature_estimates.estimate IS 'Pearson correlation with won (1) and lost (0). NULL unless the verdict is indicative or usable.';
COMMENT ON COLUMN feature_estimates.auc IS 'Numbers, all deals: share of pairs of a won and a lost deal in which the won one is higher, ties half.';
COMMENT ON COLUMN feature_estimates.spearman IS 'Numbers, all deals: rank correlation with won and lost.';
COMMENT ON COLUMN feature_estimates.verdict IS 'As in mart_win_correlation.';
COMMENT ON COLUMN feature_estimates.n_groups IS 'Groups within which the correlation was taken; 1 for a sample without groups.';
COMMENT ON COLUMN feature_estimates.n_groups_dropped IS 'Of these, groups with one outcome only, which say nothing.';
