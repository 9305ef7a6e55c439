-- needs: brick_points, run_eligibility, kit_versions, conversations, deal_calls
CREATE OR REPLACE VIEW mart_call_scores AS
WITH answers AS (
  SELECT
    run_id,
    count(*) AS n_bricks,
    count(*) FILTER (value_kind IN ('null', 'missing')) AS n_null,
    avg(confidence) AS mean_confidence,
    min(confidence) AS min_confidence,
    bool_or(is_score_brick) AS has_score_brick,
    arg_min(points, brick_key) FILTER (is_score_brick AND points IS NOT NULL) AS score_brick_points,
    sum(weight * points) FILTER (in_deal_score)
      / nullif(sum(weight) FILTER (in_deal_score AND points IS NOT NULL), 0) AS signal_mean,
    arg_min(value_bool, brick_key) FILTER (role = 'risk_flag' AND value_bool IS NOT NULL) AS risk_flag,
    arg_min(coalesce(value_text, array_to_string(value_list, '; ')), brick_key)
      FILTER (role = 'pain_point' AND value_kind IN ('text', 'list')) AS pain_point,
    flatten(list(evidence ORDER BY brick_key)
      FILTER (evidence IS NOT NULL AND (is_score_brick OR role IN ('risk_flag', 'pain_point')))) AS evidence
  FROM brick_points
  WHERE is_analysed_version
  GROUP BY run_id
),
joined AS (
  SELECT
    e.call_id, e.kit_code, e.kit_version_id, e.run_id, k.kit_label, k.score_brick, e.origin, e.exclusion_reason AS run_reason,
    c.source, c.account_name, c.rep, c.team, c.started_at,
    c.stage_at_call, d.opportunity_id, d.is_won, d.days_to_close,
    CASE WHEN d.opportunity_id IS NULL THEN 'no_deal' ELSE d.exclusion_reason END AS deal_reason
  FROM run_eligibility e
  JOIN kit_versions k ON k.kit_code = e.kit_code
  JOIN conversations c ON c.call_id = e.call_id
  LEFT JOIN deal_calls d ON d.call_id = e.call_id
  WHERE e.is_current AND e.is_analysed_version
),
scored AS (
  SELECT j.*, a.* EXCLUDE (run_id),
    -- A kit with a score brick has no score where that brick is NULL: a mean of signals is on another scale.
    CASE WHEN j.score_brick IS NOT NULL OR bool_or(a.has_score_brick) OVER (PARTITION BY j.kit_code)
      THEN a.score_brick_points ELSE a.signal_mean END AS score
  FROM joined j LEFT JOIN answers a ON a.run_id = j.run_id
)
SELECT
  call_id, kit_code, kit_version_id, run_id, kit_label, score, risk_flag, pain_point, evidence,
  coalesce(n_bricks, 0) AS n_bricks, coalesce(n_null, 0) AS n_null, mean_confidence, min_confidence,
  source, opportunity_id, account_name, rep, team, started_at,
  date_trunc('week', make_timestamp(epoch_us(started_at)))::DATE AS week,
  stage_at_call, coalesce(run_reason, deal_reason) IS NULL AS is_eligible, coalesce(run_reason, deal_reason) AS exclusion_reason,
  is_won, days_to_close, origin
FROM scored;

COMMENT ON VIEW mart_call_scores IS 'What each kit says of each call, one row a call and kit: the newest run of the analysed version. Conversations of other recorders among them. Made by gong-elt.';
COMMENT ON COLUMN mart_call_scores.call_id IS 'Key. The call.';
COMMENT ON COLUMN mart_call_scores.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_call_scores.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_call_scores.run_id IS 'The run it comes from.';
COMMENT ON COLUMN mart_call_scores.kit_label IS 'Name of the kit.';
COMMENT ON COLUMN mart_call_scores.score IS 'Points of the score brick; for a kit without one the weighted mean points of the bricks marked in_deal_score.';
COMMENT ON COLUMN mart_call_scores.risk_flag IS 'Value of the brick of role risk_flag; NULL when it gave none.';
COMMENT ON COLUMN mart_call_scores.pain_point IS 'Value of the brick of role pain_point, items of a list joined by ; .';
COMMENT ON COLUMN mart_call_scores.evidence IS 'Quotes of the score, risk flag and pain point.';
COMMENT ON COLUMN mart_call_scores.n_bricks IS 'Bricks in the answer.';
COMMENT ON COLUMN mart_call_scores.n_null IS 'Of these, bricks whose value is null or missing.';
COMMENT ON COLUMN mart_call_scores.mean_confidence IS 'Mean confidence over the bricks.';
COMMENT ON COLUMN mart_call_scores.min_confidence IS 'Smallest confidence.';
COMMENT ON COLUMN mart_call_scores.source IS 'Where the call was recorded (conversations).';
COMMENT ON COLUMN mart_call_scores.opportunity_id IS 'The deal; NULL for a call without one.';
COMMENT ON COLUMN mart_call_scores.account_name IS 'The account.';
COMMENT ON COLUMN mart_call_scores.rep IS 'Owner of the call (cfg_people, else as recorded).';
COMMENT ON COLUMN mart_call_scores.team IS 'Team of the owner (cfg_people).';
COMMENT ON COLUMN mart_call_scores.started_at IS 'When the call started.';
COMMENT ON COLUMN mart_call_scores.week IS 'Monday of its week, UTC.';
COMMENT ON COLUMN mart_call_scores.stage_at_call IS 'Stage of the deal at the time of the call.';
COMMENT ON COLUMN mart_call_scores.is_eligible IS 'Does the row count in statistics about outcomes?';
COMMENT ON COLUMN mart_call_scores.exclusion_reason IS 'Why it does not: collected (run_eligibility), no_deal, or a reason of deal_calls.';
COMMENT ON COLUMN mart_call_scores.is_won IS 'Was the deal won? NULL while it is open.';
COMMENT ON COLUMN mart_call_scores.days_to_close IS 'Days from the call to the end of the deal; negative after it.';
COMMENT ON COLUMN mart_call_scores.origin IS 'connector, or collected: run made elsewhere.';
