-- needs: deal_features
CREATE OR REPLACE VIEW deal_categories AS
SELECT
  opportunity_id, kit_code, kit_version_id, brick_key, value_kind, level AS category, n_calls_answered AS n_calls, is_won
FROM deal_features
WHERE value_kind = 'text' AND level IS NOT NULL AND NOT is_former
QUALIFY row_number() OVER (
  PARTITION BY opportunity_id, kit_code, kit_version_id, brick_key ORDER BY n_calls DESC, x_first_call DESC, level) = 1;

COMMENT ON VIEW deal_categories IS 'The category that most eligible calls of a closed deal have, one row an opportunity, kit and category brick. Made by gong-elt.';
COMMENT ON COLUMN deal_categories.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN deal_categories.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN deal_categories.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN deal_categories.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN deal_categories.value_kind IS 'text.';
COMMENT ON COLUMN deal_categories.category IS 'The most frequent level; of equals that of the first call, then the first by name.';
COMMENT ON COLUMN deal_categories.n_calls IS 'Calls with a value of the brick.';
COMMENT ON COLUMN deal_categories.is_won IS 'Was the deal won?';
