-- needs: conversation_answers
CREATE OR REPLACE VIEW mart_product_knowledge AS
SELECT
  week, rep, kit_code, any_value(kit_version_id) AS kit_version_id, any_value(grounded_on) AS grounded_on,
  -- People of one name may be in several teams.
  CASE WHEN count(DISTINCT coalesce(team, '')) = 1 THEN any_value(team) END AS team,
  count(DISTINCT call_id) AS n_calls,
  count(value_num) FILTER (role = 'feature_accuracy') AS feature_accuracy_n,
  avg(value_num ORDER BY call_id, brick_key) FILTER (role = 'feature_accuracy') AS feature_accuracy_mean,
  count(value_bool) FILTER (role = 'pricing_misstated') AS pricing_checked_n,
  count(*) FILTER (role = 'pricing_misstated' AND value_bool) AS pricing_misstated_n,
  count(value_bool) FILTER (role = 'competitor_claim_valid') AS competitor_claim_checked_n,
  count(*) FILTER (role = 'competitor_claim_valid' AND NOT value_bool) AS competitor_claim_invalid_n,
  count(meaning) FILTER (role = 'claim') AS claims_checked,
  count(*) FILTER (role = 'claim' AND meaning = 'incorrect') AS incorrect_n,
  count(*) FILTER (role = 'claim' AND meaning = 'imprecise') AS imprecise_n,
  count(*) FILTER (confidence < 0.5 AND value_kind NOT IN ('null', 'missing')) AS low_confidence_n
FROM conversation_answers
WHERE role IN ('feature_accuracy', 'pricing_misstated', 'competitor_claim_valid', 'knowledge_gap', 'claim')
GROUP BY week, rep, kit_code;

COMMENT ON VIEW mart_product_knowledge IS 'What reps say about the product, checked against the documents, one row a week, rep and kit. Made by gong-elt.';
COMMENT ON COLUMN mart_product_knowledge.week IS 'Key, may be NULL. Monday of the week of the conversations, UTC.';
COMMENT ON COLUMN mart_product_knowledge.rep IS 'Key, may be NULL. Owner of the conversations.';
COMMENT ON COLUMN mart_product_knowledge.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_product_knowledge.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_product_knowledge.grounded_on IS 'The documents that the kit checks against (cfg_kits).';
COMMENT ON COLUMN mart_product_knowledge.team IS 'Team of the owner; NULL where people of that name are in several.';
COMMENT ON COLUMN mart_product_knowledge.n_calls IS 'Conversations with an answer of the kit to one of these bricks, also an empty one.';
COMMENT ON COLUMN mart_product_knowledge.feature_accuracy_n IS 'Numbers behind feature_accuracy_mean.';
COMMENT ON COLUMN mart_product_knowledge.feature_accuracy_mean IS 'Mean of the bricks of role feature_accuracy, as stored.';
COMMENT ON COLUMN mart_product_knowledge.pricing_checked_n IS 'Answers of bricks of role pricing_misstated.';
COMMENT ON COLUMN mart_product_knowledge.pricing_misstated_n IS 'Of these, true.';
COMMENT ON COLUMN mart_product_knowledge.competitor_claim_checked_n IS 'Answers of bricks of role competitor_claim_valid.';
COMMENT ON COLUMN mart_product_knowledge.competitor_claim_invalid_n IS 'Of these, false.';
COMMENT ON COLUMN mart_product_knowledge.claims_checked IS 'Claims with a verdict (mart_product_claims).';
COMMENT ON COLUMN mart_product_knowledge.incorrect_n IS 'Of these, incorrect.';
COMMENT ON COLUMN mart_product_knowledge.imprecise_n IS 'Of these, imprecise.';
COMMENT ON COLUMN mart_product_knowledge.low_confidence_n IS 'Answers of these bricks with a value and a confidence under 0.5.';
