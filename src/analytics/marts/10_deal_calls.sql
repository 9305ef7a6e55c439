-- needs: conversations, deals
-- Which calls may speak for a deal's outcome: only those before its close, and only features known at the call.
CREATE OR REPLACE VIEW deal_calls AS
WITH words AS (
  SELECT unnest((value::JSON)::VARCHAR[]) AS word FROM cfg_settings WHERE key = 'not_new_business'
),
other_types AS (
  SELECT DISTINCT d.opportunity_type
  FROM deals d JOIN words w ON contains(lower(d.opportunity_type), w.word)
  WHERE (SELECT value FROM cfg_settings WHERE key = 'new_business_only') = 'true'
),
joined AS (
  SELECT
    d.opportunity_id, c.call_id, c.started_at, d.closed_at, d.is_won, c.stage_at_call,
    (epoch_us(d.closed_at) - epoch_us(c.started_at)) / 86400e6 AS days_to_close,
    CASE
      WHEN d.is_closed IS NOT TRUE THEN 'deal_open'
      WHEN d.closed_at IS NULL THEN 'no_close_time'
      WHEN (c.started_at < d.closed_at) IS NOT TRUE THEN 'after_close'
      WHEN s.is_closed THEN 'closed_stage_at_call'
      WHEN c.is_private THEN 'private'
      WHEN t.opportunity_type IS NOT NULL THEN 'not_new_business'
    END AS exclusion_reason
  FROM conversations c
  JOIN deals d ON d.opportunity_id = c.opportunity_id
  LEFT JOIN cfg_stages s ON s.stage = c.stage_at_call
  LEFT JOIN other_types t ON t.opportunity_type = d.opportunity_type
)
SELECT
  opportunity_id, call_id, started_at, closed_at, is_won, stage_at_call, days_to_close, exclusion_reason IS NULL AS is_eligible,
  exclusion_reason
FROM joined;

COMMENT ON VIEW deal_calls IS 'Which calls count for the outcome of a deal and why the others do not, one row an opportunity and call (a call has one). Made by gong-elt.';
COMMENT ON COLUMN deal_calls.opportunity_id IS 'Key. The deal: the primary one of the call.';
COMMENT ON COLUMN deal_calls.call_id IS 'Key. The call.';
COMMENT ON COLUMN deal_calls.started_at IS 'When the call started.';
COMMENT ON COLUMN deal_calls.closed_at IS 'When the deal ended.';
COMMENT ON COLUMN deal_calls.is_won IS 'Was the deal won? NULL while it is open.';
COMMENT ON COLUMN deal_calls.stage_at_call IS 'Stage at the time of the call.';
COMMENT ON COLUMN deal_calls.days_to_close IS 'Days from the start of the call to the end of the deal; negative after it.';
COMMENT ON COLUMN deal_calls.is_eligible IS 'Does the call count?';
COMMENT ON COLUMN deal_calls.exclusion_reason IS 'deal_open (or no outcome known), no_close_time, after_close, closed_stage_at_call, private, not_new_business (a word of cfg_settings.not_new_business); the first that holds, NULL for a call that counts.';
