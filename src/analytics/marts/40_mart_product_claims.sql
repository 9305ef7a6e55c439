-- needs: conversation_answers, brick_evidence
CREATE OR REPLACE VIEW mart_product_claims AS
WITH first_quotes AS (
  SELECT run_id, brick_key, first(found_in_transcript ORDER BY quote_no) AS found_in_transcript
  FROM brick_evidence GROUP BY run_id, brick_key
)
SELECT
  a.run_id, a.brick_key, a.kit_code, a.kit_version_id, a.call_id, a.started_at, a.week, a.rep, a.team, a.account_name,
  coalesce(a.evidence[1], a.label, a.brick_key) AS claim, a.meaning AS verdict, a.reason AS correction, a.confidence,
  q.found_in_transcript, a.grounded_on, a.url
FROM conversation_answers a LEFT JOIN first_quotes q ON q.run_id = a.run_id AND q.brick_key = a.brick_key
WHERE a.role = 'claim' AND a.value_kind NOT IN ('null', 'missing');

COMMENT ON VIEW mart_product_claims IS 'Claims about the product and whether the documents bear them out, one row a run and brick of role claim that has a value. Made by gong-elt.';
COMMENT ON COLUMN mart_product_claims.run_id IS 'Key. The run: the one that speaks for its call.';
COMMENT ON COLUMN mart_product_claims.brick_key IS 'Key. The brick of role claim.';
COMMENT ON COLUMN mart_product_claims.kit_code IS 'The kit.';
COMMENT ON COLUMN mart_product_claims.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_product_claims.call_id IS 'The conversation.';
COMMENT ON COLUMN mart_product_claims.started_at IS 'When it started.';
COMMENT ON COLUMN mart_product_claims.week IS 'Monday of its week, UTC.';
COMMENT ON COLUMN mart_product_claims.rep IS 'Owner of the conversation.';
COMMENT ON COLUMN mart_product_claims.team IS 'Team of the owner.';
COMMENT ON COLUMN mart_product_claims.account_name IS 'The account.';
COMMENT ON COLUMN mart_product_claims.claim IS 'The first quote; without one the label of the brick, else its name.';
COMMENT ON COLUMN mart_product_claims.verdict IS 'correct, imprecise or incorrect (cfg_levels.meaning, the words themselves, or true and false); NULL where the value is none of these.';
COMMENT ON COLUMN mart_product_claims.correction IS 'Semarize''s reason.';
COMMENT ON COLUMN mart_product_claims.confidence IS 'Semarize''s confidence, 0 to 1.';
COMMENT ON COLUMN mart_product_claims.found_in_transcript IS 'Does the first quote occur in the transcript? NULL without a quote or a stored text.';
COMMENT ON COLUMN mart_product_claims.grounded_on IS 'The documents that the kit checks against (cfg_kits).';
COMMENT ON COLUMN mart_product_claims.url IS 'Page of the conversation.';
