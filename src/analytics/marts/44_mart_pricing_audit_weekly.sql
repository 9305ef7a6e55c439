-- needs: pricing_answers
CREATE OR REPLACE VIEW mart_pricing_audit_weekly AS
WITH answers AS (
  SELECT call_id, role, week, team, opportunity_id, amount, currency, is_closed, value_bool, meaning, is_error FROM pricing_answers
),
checked AS (
  SELECT week, team, currency, count(DISTINCT call_id) AS n_calls,
    count(value_bool) FILTER (role = 'pricing_tier_correct') AS n_tier_checked,
    count(*) FILTER (role = 'pricing_tier_correct' AND value_bool) AS tier_correct_n,
    count(*) FILTER (role = 'discount_authority_exceeded' AND is_error) AS discount_exceeded_n,
    count(*) FILTER (role = 'packaging_outdated' AND is_error) AS packaging_outdated_n,
    count(*) FILTER (role = 'commercial_risk_level' AND is_error) AS risk_high_n,
    count(*) FILTER (role = 'commercial_risk_level' AND meaning = 'medium') AS risk_medium_n
  FROM answers GROUP BY week, team, currency
),
-- A deal is exposed once, however many errors it has; a closed one is not any more.
exposed_deals AS (
  SELECT DISTINCT week, team, currency, opportunity_id, amount FROM answers
  WHERE is_error AND opportunity_id IS NOT NULL AND is_closed IS NOT TRUE
),
exposed AS (
  SELECT week, team, currency, count(*) AS deals_exposed, sum(amount ORDER BY opportunity_id) AS amount_exposed
  FROM exposed_deals GROUP BY week, team, currency
),
joined AS (
  SELECT c.*, c.tier_correct_n AS k, c.n_tier_checked AS n, coalesce(x.deals_exposed, 0) AS deals_exposed,
    CASE WHEN x.deals_exposed IS NULL THEN 0e0 ELSE x.amount_exposed END AS amount_exposed
  FROM checked c
  LEFT JOIN exposed x ON x.week IS NOT DISTINCT FROM c.week AND x.team IS NOT DISTINCT FROM c.team
    AND x.currency IS NOT DISTINCT FROM c.currency
)
SELECT
  week, team, currency, n_calls, n_tier_checked, tier_correct_n,
  CASE WHEN n > 0 THEN k / n::DOUBLE END AS tier_correct_rate,
  CASE WHEN n > 0 THEN greatest(0, (k + 1.9207294103470627e0 - 1.959963984540054e0 * sqrt(k * (n - k) / n::DOUBLE + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) END AS tier_correct_low,
  CASE WHEN n > 0 THEN least(1, (k + 1.9207294103470627e0 + 1.959963984540054e0 * sqrt(k * (n - k) / n::DOUBLE + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) END AS tier_correct_high,
  discount_exceeded_n, packaging_outdated_n, risk_high_n, risk_medium_n, deals_exposed, amount_exposed,
  amount_exposed * (SELECT value::DOUBLE FROM cfg_settings WHERE key = 'assumed_leakage_rate') AS amount_at_risk
FROM joined;

COMMENT ON VIEW mart_pricing_audit_weekly IS 'What reps say about prices and packages, over all kits, one row a week, team and currency. Made by gong-elt.';
COMMENT ON COLUMN mart_pricing_audit_weekly.week IS 'Key, may be NULL. Monday of the week of the conversations, UTC.';
COMMENT ON COLUMN mart_pricing_audit_weekly.team IS 'Key, may be NULL. Team of the owner.';
COMMENT ON COLUMN mart_pricing_audit_weekly.currency IS 'Key, may be NULL. Currency of the deal; NULL for conversations without one.';
COMMENT ON COLUMN mart_pricing_audit_weekly.n_calls IS 'Conversations that were audited: with an answer to one of these bricks, also an empty one.';
COMMENT ON COLUMN mart_pricing_audit_weekly.n_tier_checked IS 'Answers of bricks of role pricing_tier_correct.';
COMMENT ON COLUMN mart_pricing_audit_weekly.tier_correct_n IS 'Of these, true.';
COMMENT ON COLUMN mart_pricing_audit_weekly.tier_correct_rate IS 'tier_correct_n divided by n_tier_checked; NULL over nothing.';
COMMENT ON COLUMN mart_pricing_audit_weekly.tier_correct_low IS '95 % Wilson limit of tier_correct_rate.';
COMMENT ON COLUMN mart_pricing_audit_weekly.tier_correct_high IS '95 % Wilson limit of tier_correct_rate.';
COMMENT ON COLUMN mart_pricing_audit_weekly.discount_exceeded_n IS 'Answers that the authority for discounts was exceeded.';
COMMENT ON COLUMN mart_pricing_audit_weekly.packaging_outdated_n IS 'Answers that an outdated package was offered.';
COMMENT ON COLUMN mart_pricing_audit_weekly.risk_high_n IS 'Answers that the commercial risk is high.';
COMMENT ON COLUMN mart_pricing_audit_weekly.risk_medium_n IS 'Answers that it is medium.';
COMMENT ON COLUMN mart_pricing_audit_weekly.deals_exposed IS 'Open deals with an error (mart_pricing_exceptions) in these conversations, each once.';
COMMENT ON COLUMN mart_pricing_audit_weekly.amount_exposed IS 'Sum of their amounts as stored; deals without an amount add nothing. A deal with errors in two weeks stands in both: do not add up weeks.';
COMMENT ON COLUMN mart_pricing_audit_weekly.amount_at_risk IS 'amount_exposed times the setting assumed_leakage_rate, an assumption; NULL where that is not set.';
