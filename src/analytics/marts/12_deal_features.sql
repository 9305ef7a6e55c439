-- needs: brick_features, eligible_calls
-- The deal is the unit: calls of one deal share its outcome and are no independent observations.
CREATE OR REPLACE VIEW deal_features AS
WITH counted AS (
  SELECT
    e.opportunity_id, f.kit_code, f.kit_version_id, f.is_former, f.brick_key, f.value_kind, f.level,
    count(*) AS n_calls, count_if(e.is_early)::BIGINT AS n_early, count_if(f.confidence >= 0.7)::BIGINT AS n_confident,
    sum(f.x) AS total, sum(f.x) FILTER (e.is_early) AS total_early, sum(f.x) FILTER (f.confidence >= 0.7) AS total_confident,
    min(e.call_number) AS first_number, arg_min(f.x, e.call_number) AS x_first,
    any_value(e.is_won) AS is_won, any_value(e.closed_at) AS closed_at
  FROM brick_features f JOIN eligible_calls e ON e.call_id = f.call_id
  GROUP BY e.opportunity_id, f.kit_code, f.kit_version_id, f.is_former, f.brick_key, f.value_kind, f.level
),
answered AS (SELECT * FROM counted WHERE level IS NULL)
SELECT
  opportunity_id, kit_code, kit_version_id, is_former, brick_key, value_kind, level,
  -- Rounded, so that the mean of equal numbers is equal whatever their count: else a constant would vary in its last bit. A share
  -- is a quotient of two counts and needs none.
  CASE WHEN value_kind = 'number' THEN round(total / n_calls, 9) ELSE total / n_calls END AS x,
  CASE WHEN value_kind = 'boolean' THEN (total > 0)::INTEGER END AS x_any_call,
  CASE WHEN value_kind = 'number' THEN round(x_first, 9) ELSE x_first END AS x_first_call,
  CASE WHEN value_kind = 'number' THEN round(total_early / n_early, 9) ELSE total_early / n_early END AS x_without_last_14d,
  CASE WHEN value_kind = 'number' THEN round(total_confident / n_confident, 9) ELSE total_confident / n_confident END AS x_confident,
  n_calls, n_calls AS n_calls_answered, n_early AS n_calls_without_last_14d, n_confident AS n_calls_confident, is_won, closed_at
FROM answered
UNION ALL
SELECT
  l.opportunity_id, l.kit_code, l.kit_version_id, l.is_former, l.brick_key, l.value_kind, l.level,
  l.n_calls / a.n_calls::DOUBLE, 1, (l.first_number = a.first_number)::INTEGER, l.n_early / nullif(a.n_early, 0)::DOUBLE,
  l.n_confident / nullif(a.n_confident, 0)::DOUBLE, l.n_calls, a.n_calls, a.n_early, a.n_confident, l.is_won, l.closed_at
FROM counted l
JOIN answered a ON a.opportunity_id = l.opportunity_id AND a.kit_code = l.kit_code AND a.brick_key = l.brick_key
  AND a.value_kind = l.value_kind AND a.kit_version_id IS NOT DISTINCT FROM l.kit_version_id
WHERE l.level IS NOT NULL;

COMMENT ON VIEW deal_features IS 'Features of closed deals over their eligible calls, one row an opportunity, kit, version, brick, kind and level. Made by gong-elt.';
COMMENT ON COLUMN deal_features.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN deal_features.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN deal_features.kit_version_id IS 'Key, may be NULL. The version of the kit.';
COMMENT ON COLUMN deal_features.is_former IS 'As in brick_features.';
COMMENT ON COLUMN deal_features.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN deal_features.value_kind IS 'Key. number, boolean, text or list.';
COMMENT ON COLUMN deal_features.level IS 'Key. As in brick_features.';
COMMENT ON COLUMN deal_features.x IS 'Number: mean over the calls. Boolean or level: share of the calls with a value that have it; a deal without the level has no row. NULL in the row of a category or list itself.';
COMMENT ON COLUMN deal_features.x_any_call IS 'Boolean or level: 1 if any call has it. Measures how many calls a deal had as well.';
COMMENT ON COLUMN deal_features.x_first_call IS 'x of the first call with a value (eligible_calls.call_number).';
COMMENT ON COLUMN deal_features.x_without_last_14d IS 'x without the calls of the last 14 days before the close; exactly 14 days count as before.';
COMMENT ON COLUMN deal_features.x_confident IS 'x of answers with confidence 0.7 or more only.';
COMMENT ON COLUMN deal_features.n_calls IS 'Calls with a value; in the row of a level those that have it.';
COMMENT ON COLUMN deal_features.n_calls_answered IS 'Calls with a value of the brick.';
COMMENT ON COLUMN deal_features.n_calls_without_last_14d IS 'Calls with a value behind x_without_last_14d.';
COMMENT ON COLUMN deal_features.n_calls_confident IS 'Calls with a value behind x_confident.';
COMMENT ON COLUMN deal_features.is_won IS 'Was the deal won?';
COMMENT ON COLUMN deal_features.closed_at IS 'When the deal ended.';
