-- needs: bricks_current, calls
-- Answers as numbers. Levels are kept sparse (only the 1s are rows): a brick of free text would otherwise make calls × texts rows.
CREATE OR REPLACE VIEW brick_features AS
WITH valued AS (
  SELECT
    b.call_id, b.kit_code, b.kit_version_id, b.brick_key, b.value_kind, b.value_num, b.value_bool, b.confidence,
    -- The leading NULL is the row of the value itself. list_distinct drops NULL items.
    unnest(list_prepend(NULL::VARCHAR, CASE b.value_kind
      WHEN 'text' THEN [b.value_text]
      WHEN 'list' THEN list_distinct(b.value_list)
      ELSE []::VARCHAR[]
    END)) AS level
  FROM bricks_current b JOIN calls c ON c.call_id = b.call_id
  WHERE b.is_eligible AND c.gone_at IS NULL AND b.value_kind IN ('number', 'boolean', 'text', 'list')
)
SELECT
  call_id, kit_code, kit_version_id, brick_key, value_kind, level,
  CASE WHEN level IS NOT NULL THEN 1 WHEN value_kind = 'number' THEN value_num WHEN value_kind = 'boolean' THEN value_bool::INTEGER END::DOUBLE AS x,
  confidence
FROM valued;

COMMENT ON VIEW brick_features IS 'Answers that count in statistics as numbers, one row a call, kit, brick and level. Made by gong-elt.';
COMMENT ON COLUMN brick_features.call_id IS 'Key. The call.';
COMMENT ON COLUMN brick_features.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN brick_features.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN brick_features.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN brick_features.value_kind IS 'number, boolean, text or list.';
COMMENT ON COLUMN brick_features.level IS 'Key. NULL: the row of the value itself, one for every answer. Else a category or list item that the call has; what it has not is no row.';
COMMENT ON COLUMN brick_features.x IS 'The number, 0 or 1 of a boolean, 1 for a level; NULL in the row of a category or list itself.';
COMMENT ON COLUMN brick_features.confidence IS 'Semarize''s confidence, 0 to 1.';
