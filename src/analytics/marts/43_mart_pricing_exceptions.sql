-- needs: pricing_answers, brick_evidence
CREATE OR REPLACE VIEW mart_pricing_exceptions AS
WITH found AS (
  SELECT run_id, brick_key, bool_and(found_in_transcript) AS found_in_transcript FROM brick_evidence GROUP BY run_id, brick_key
)
SELECT
  a.call_id, a.kit_code, a.kit_version_id, a.brick_key, a.role, a.run_id, a.started_at, a.week, a.rep, a.team, a.account_name,
  a.opportunity_id, a.amount, a.currency, a.is_closed, a.value, a.risk, a.confidence, a.reason, a.evidence, f.found_in_transcript, a.url
FROM pricing_answers a LEFT JOIN found f ON f.run_id = a.run_id AND f.brick_key = a.brick_key
WHERE a.is_error;

COMMENT ON VIEW mart_pricing_exceptions IS 'Errors about prices and packages, one row a call, kit and brick. Made by gong-elt.';
COMMENT ON COLUMN mart_pricing_exceptions.call_id IS 'Key. The conversation.';
COMMENT ON COLUMN mart_pricing_exceptions.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_pricing_exceptions.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_pricing_exceptions.brick_key IS 'Key. The brick that found it.';
COMMENT ON COLUMN mart_pricing_exceptions.role IS 'What was found: pricing_tier_correct (false), discount_authority_exceeded (true), packaging_outdated (true), commercial_risk_level (high).';
COMMENT ON COLUMN mart_pricing_exceptions.run_id IS 'The run it comes from.';
COMMENT ON COLUMN mart_pricing_exceptions.started_at IS 'When the conversation started.';
COMMENT ON COLUMN mart_pricing_exceptions.week IS 'Monday of its week, UTC.';
COMMENT ON COLUMN mart_pricing_exceptions.rep IS 'Owner of the conversation.';
COMMENT ON COLUMN mart_pricing_exceptions.team IS 'Team of the owner.';
COMMENT ON COLUMN mart_pricing_exceptions.account_name IS 'The account.';
COMMENT ON COLUMN mart_pricing_exceptions.opportunity_id IS 'The deal; NULL without one.';
COMMENT ON COLUMN mart_pricing_exceptions.amount IS 'Amount of the deal now, in currency.';
COMMENT ON COLUMN mart_pricing_exceptions.currency IS 'Currency of the amount.';
COMMENT ON COLUMN mart_pricing_exceptions.is_closed IS 'Has the deal ended? NULL when nothing says so.';
COMMENT ON COLUMN mart_pricing_exceptions.value IS 'The value of the brick, as text.';
COMMENT ON COLUMN mart_pricing_exceptions.risk IS 'Commercial risk that the same run sees: high, medium or low; the highest of several.';
COMMENT ON COLUMN mart_pricing_exceptions.confidence IS 'Semarize''s confidence, 0 to 1.';
COMMENT ON COLUMN mart_pricing_exceptions.reason IS 'Semarize''s reason.';
COMMENT ON COLUMN mart_pricing_exceptions.evidence IS 'Quotes.';
COMMENT ON COLUMN mart_pricing_exceptions.found_in_transcript IS 'Do all quotes occur in the transcript? NULL without quotes or a stored text.';
COMMENT ON COLUMN mart_pricing_exceptions.url IS 'Page of the conversation.';
