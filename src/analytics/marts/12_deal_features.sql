-- needs: brick_features, deal_calls
-- The deal is the unit: calls of one deal share its outcome and are no independent observations.
CREATE OR REPLACE VIEW deal_features AS
SELECT
  d.opportunity_id, f.kit_code, f.kit_version_id, f.brick_key, f.value_kind, f.level,
  -- Rounded, so that the mean of equal numbers is equal whatever their count: else a constant would vary in its last bit.
  CASE WHEN f.value_kind = 'number' THEN round(avg(f.x), 9) ELSE max(f.x) END AS x,
  count(*) AS n_calls,
  CASE WHEN f.value_kind = 'number' THEN round(avg(f.x) FILTER (d.days_to_close >= 14), 9)
       ELSE max(f.x) FILTER (d.days_to_close >= 14) END AS x_without_last_14d,
  count_if(d.days_to_close >= 14) AS n_calls_without_last_14d,
  CASE WHEN f.value_kind = 'number' THEN round(avg(f.x) FILTER (f.confidence >= 0.7), 9)
       ELSE max(f.x) FILTER (f.confidence >= 0.7) END AS x_confident,
  count_if(f.confidence >= 0.7) AS n_calls_confident,
  any_value(d.is_won) AS is_won, any_value(d.closed_at) AS closed_at
FROM brick_features f JOIN deal_calls d ON d.call_id = f.call_id
WHERE d.is_eligible
GROUP BY d.opportunity_id, f.kit_code, f.kit_version_id, f.brick_key, f.value_kind, f.level;

COMMENT ON VIEW deal_features IS 'Features of closed deals over their eligible calls, one row an opportunity, kit, brick, kind and level. Made by gong-elt.';
COMMENT ON COLUMN deal_features.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN deal_features.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN deal_features.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN deal_features.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN deal_features.value_kind IS 'Key. number, boolean, text or list.';
COMMENT ON COLUMN deal_features.level IS 'Key. As in brick_features.';
COMMENT ON COLUMN deal_features.x IS 'Number: mean over the calls. Boolean or level: 1 if any call has it. NULL in the row of a category or list itself.';
COMMENT ON COLUMN deal_features.n_calls IS 'Eligible calls with such a value.';
COMMENT ON COLUMN deal_features.x_without_last_14d IS 'x without the calls of the last 14 days before the close.';
COMMENT ON COLUMN deal_features.n_calls_without_last_14d IS 'Calls behind x_without_last_14d.';
COMMENT ON COLUMN deal_features.x_confident IS 'x of answers with confidence 0.7 or more only.';
COMMENT ON COLUMN deal_features.n_calls_confident IS 'Calls behind x_confident.';
COMMENT ON COLUMN deal_features.is_won IS 'Was the deal won?';
COMMENT ON COLUMN deal_features.closed_at IS 'When the deal ended.';
