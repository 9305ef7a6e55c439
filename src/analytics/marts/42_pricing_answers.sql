-- needs: conversation_answers, deals
-- What was said about prices, with the deal it was said in. The one place that says what a pricing error is.
CREATE OR REPLACE VIEW pricing_answers AS
WITH audited AS (
  SELECT *,
    min(CASE WHEN role = 'commercial_risk_level' THEN CASE meaning WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 END END)
      OVER (PARTITION BY run_id) AS risk_place
  FROM conversation_answers
  WHERE role IN ('pricing_tier_correct', 'discount_authority_exceeded', 'packaging_outdated', 'commercial_risk_level')
)
SELECT
  a.call_id, a.kit_code, a.kit_version_id, a.brick_key, a.role, a.run_id, a.started_at, a.week, a.rep, a.team, a.account_name,
  a.opportunity_id, d.amount, d.currency, d.is_closed, a.value_bool, a.value, a.meaning,
  CASE a.risk_place WHEN 1 THEN 'high' WHEN 2 THEN 'medium' WHEN 3 THEN 'low' END AS risk,
  CASE a.role
    WHEN 'pricing_tier_correct' THEN a.value_bool IS NOT DISTINCT FROM false
    WHEN 'commercial_risk_level' THEN a.meaning IS NOT DISTINCT FROM 'high'
    ELSE a.value_bool IS NOT DISTINCT FROM true
  END AS is_error,
  a.confidence, a.reason, a.evidence, a.url
FROM audited a LEFT JOIN deals d ON d.opportunity_id = a.opportunity_id;

COMMENT ON VIEW pricing_answers IS 'Answers about prices and packages with their deal, one row a call, kit and brick. Made by gong-elt.';
COMMENT ON COLUMN pricing_answers.call_id IS 'Key. The conversation.';
COMMENT ON COLUMN pricing_answers.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN pricing_answers.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN pricing_answers.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN pricing_answers.role IS 'pricing_tier_correct, discount_authority_exceeded, packaging_outdated or commercial_risk_level.';
COMMENT ON COLUMN pricing_answers.run_id IS 'The run it comes from.';
COMMENT ON COLUMN pricing_answers.started_at IS 'When the conversation started.';
COMMENT ON COLUMN pricing_answers.week IS 'Monday of its week, UTC.';
COMMENT ON COLUMN pricing_answers.rep IS 'Owner of the conversation.';
COMMENT ON COLUMN pricing_answers.team IS 'Team of the owner.';
COMMENT ON COLUMN pricing_answers.account_name IS 'The account.';
COMMENT ON COLUMN pricing_answers.opportunity_id IS 'The deal; NULL without one.';
COMMENT ON COLUMN pricing_answers.amount IS 'Amount of the deal now, in currency.';
COMMENT ON COLUMN pricing_answers.currency IS 'Currency of the amount.';
COMMENT ON COLUMN pricing_answers.is_closed IS 'Has the deal ended? NULL when nothing says so.';
COMMENT ON COLUMN pricing_answers.value_bool IS 'The value of kind boolean.';
COMMENT ON COLUMN pricing_answers.value IS 'The value, as text.';
COMMENT ON COLUMN pricing_answers.meaning IS 'high, medium or low, for a risk.';
COMMENT ON COLUMN pricing_answers.risk IS 'Commercial risk that the same run sees: high, medium or low; the highest of several.';
COMMENT ON COLUMN pricing_answers.is_error IS 'Is it an error: a tier that is not correct, an authority that was exceeded, a package that is outdated, a risk that is high? An empty answer is none.';
COMMENT ON COLUMN pricing_answers.confidence IS 'Semarize''s confidence, 0 to 1.';
COMMENT ON COLUMN pricing_answers.reason IS 'Semarize''s reason.';
COMMENT ON COLUMN pricing_answers.evidence IS 'Quotes.';
COMMENT ON COLUMN pricing_answers.url IS 'Page of the conversation.';
