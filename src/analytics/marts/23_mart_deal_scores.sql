-- needs: conversations, deals, mart_call_scores
-- What each kit says of a deal, and whether it moves. The deal is the unit: the mean here is the x of mart_win_correlation.
CREATE OR REPLACE VIEW mart_deal_scores AS
WITH scored AS (
  SELECT
    s.opportunity_id, s.kit_code, s.kit_version_id, s.kit_label, s.call_id, s.started_at, s.is_eligible,
    -- An open deal has no eligible call yet: there the calls speak that will count if it closes.
    CASE
      WHEN s.is_eligible OR (s.exclusion_reason = 'deal_open' AND NOT c.is_private) THEN s.score
    END AS score
  FROM mart_call_scores s JOIN conversations c ON c.call_id = s.call_id
  WHERE s.opportunity_id IS NOT NULL
),
summed AS (
  SELECT
    opportunity_id, kit_code, any_value(kit_version_id) AS kit_version_id, any_value(kit_label) AS kit_label,
    count(*) AS n_calls, count(*) FILTER (is_eligible) AS n_eligible, count(score) AS n_scored,
    avg(score ORDER BY started_at, call_id) AS score_mean,
    last(score ORDER BY started_at, call_id) FILTER (score IS NOT NULL) AS score_last,
    first(score ORDER BY started_at, call_id) FILTER (score IS NOT NULL) AS score_first,
    max(score) AS score_max,
    regr_slope(score, epoch_us(started_at) / 86400e6 ORDER BY started_at, call_id) * 30 AS slope
  FROM scored GROUP BY opportunity_id, kit_code
)
SELECT
  s.opportunity_id, s.kit_code, s.kit_version_id, s.kit_label, d.opportunity_name, d.account_name,
  s.n_calls, s.n_eligible, s.n_scored, s.score_mean, s.score_last, s.score_first, s.score_max,
  -- Calls of one instant have no slope: it is NULL or not a number.
  CASE WHEN s.n_scored >= 3 AND isfinite(s.slope) THEN s.slope END AS slope_per_30d,
  d.is_closed, d.is_won, d.closed_at, d.amount, d.currency
FROM summed s JOIN deals d ON d.opportunity_id = s.opportunity_id;

COMMENT ON VIEW mart_deal_scores IS 'What each kit says of a deal, one row an opportunity and kit. Made by gong-elt.';
COMMENT ON COLUMN mart_deal_scores.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN mart_deal_scores.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_deal_scores.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_deal_scores.kit_label IS 'Name of the kit.';
COMMENT ON COLUMN mart_deal_scores.opportunity_name IS 'Name of the deal.';
COMMENT ON COLUMN mart_deal_scores.account_name IS 'Its account.';
COMMENT ON COLUMN mart_deal_scores.n_calls IS 'Calls of the deal that the kit evaluated.';
COMMENT ON COLUMN mart_deal_scores.n_eligible IS 'Of these, calls that count in statistics about outcomes; none while the deal is open.';
COMMENT ON COLUMN mart_deal_scores.n_scored IS 'Calls behind the scores: eligible ones with a score; of an open deal those that will count if it closes.';
COMMENT ON COLUMN mart_deal_scores.score_mean IS 'Mean score of these calls.';
COMMENT ON COLUMN mart_deal_scores.score_last IS 'Score of the newest of these calls.';
COMMENT ON COLUMN mart_deal_scores.score_first IS 'Score of the oldest of these calls.';
COMMENT ON COLUMN mart_deal_scores.score_max IS 'Highest score of these calls.';
COMMENT ON COLUMN mart_deal_scores.slope_per_30d IS 'Points that the score gains in 30 days (least squares over the calls); NULL under 3 calls.';
COMMENT ON COLUMN mart_deal_scores.is_closed IS 'Has the deal ended? NULL when nothing says so.';
COMMENT ON COLUMN mart_deal_scores.is_won IS 'Was it won? NULL while it is open.';
COMMENT ON COLUMN mart_deal_scores.closed_at IS 'When it ended.';
COMMENT ON COLUMN mart_deal_scores.amount IS 'Its amount, in currency.';
COMMENT ON COLUMN mart_deal_scores.currency IS 'Currency of the amount.';
