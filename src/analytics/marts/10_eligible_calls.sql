-- needs: deal_calls, conversations
CREATE OR REPLACE VIEW eligible_calls AS
SELECT
  d.opportunity_id, d.call_id, d.is_won, d.closed_at, d.stage_at_call, d.days_to_close >= 14 AS is_early,
  coalesce(lower(c.owner_email), c.owner_name) AS owner,
  row_number() OVER (PARTITION BY d.opportunity_id ORDER BY d.started_at, d.call_id) AS call_number
FROM deal_calls d JOIN conversations c ON c.call_id = d.call_id
WHERE d.is_eligible;

COMMENT ON VIEW eligible_calls IS 'The calls that speak for the outcome of a deal, in their order, one row a call. Made by gong-elt.';
COMMENT ON COLUMN eligible_calls.opportunity_id IS 'The deal.';
COMMENT ON COLUMN eligible_calls.call_id IS 'Key. The call.';
COMMENT ON COLUMN eligible_calls.is_won IS 'Was the deal won?';
COMMENT ON COLUMN eligible_calls.closed_at IS 'When the deal ended.';
COMMENT ON COLUMN eligible_calls.stage_at_call IS 'Stage at the time of the call.';
COMMENT ON COLUMN eligible_calls.is_early IS 'Is it 14 days or more before the close?';
COMMENT ON COLUMN eligible_calls.owner IS 'Who led the call: e-mail address in lower case, else name.';
COMMENT ON COLUMN eligible_calls.call_number IS 'Place among the eligible calls of the deal, from 1, by started_at and call_id.';
