-- needs: bricks_current, conversations, kit_version_changes
-- Answers as numbers. Levels are kept sparse (only the 1s are rows): a brick of free text would otherwise make calls × texts rows.
CREATE OR REPLACE VIEW brick_features AS
WITH valued AS (
  SELECT b.call_id, b.kit_code, b.kit_version_id, v.kit_code IS NOT NULL AS is_former, b.brick_key, b.value_kind, b.value_num,
    b.value_bool, b.value_text, b.value_list, b.confidence
  FROM bricks_current b
  JOIN conversations c ON c.call_id = b.call_id
  LEFT JOIN kit_version_changes v ON v.kit_code = b.kit_code AND v.former_version_id IS NOT DISTINCT FROM b.kit_version_id
  WHERE b.value_kind IN ('number', 'boolean', 'text', 'list') AND (b.value_kind <> 'number' OR b.value_num IS NOT NULL)
    AND (b.is_eligible OR (v.kit_code IS NOT NULL AND (b.origin IS DISTINCT FROM 'collected'
      OR (SELECT value FROM cfg_settings WHERE key = 'include_collected') = 'true')))
),
-- Only what has levels goes through unnest: it is slow on many short lists. list_distinct drops NULL items.
levels AS (
  SELECT call_id, kit_code, kit_version_id, is_former, brick_key, value_kind, confidence,
    unnest(CASE value_kind WHEN 'text' THEN [value_text] ELSE list_distinct(value_list) END) AS level
  FROM valued WHERE value_kind IN ('text', 'list')
)
SELECT
  call_id, kit_code, kit_version_id, is_former, brick_key, value_kind, NULL::VARCHAR AS level,
  coalesce(value_num, value_bool::INTEGER) AS x, confidence
FROM valued
UNION ALL
SELECT call_id, kit_code, kit_version_id, is_former, brick_key, value_kind, level, 1, confidence
FROM levels;

COMMENT ON VIEW brick_features IS 'Answers that count in statistics as numbers, one row a call, kit, version, brick and level. Made by gong-elt.';
COMMENT ON COLUMN brick_features.call_id IS 'Key. The call.';
COMMENT ON COLUMN brick_features.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN brick_features.kit_version_id IS 'Key, may be NULL. The version of the kit.';
COMMENT ON COLUMN brick_features.is_former IS 'false: the analysed version. true: the version before it (kit_version_changes), for comparison only.';
COMMENT ON COLUMN brick_features.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN brick_features.value_kind IS 'number, boolean, text or list.';
COMMENT ON COLUMN brick_features.level IS 'Key. NULL: the row of the value itself, one for every answer. Else a category or list item that the call has; what it has not is no row.';
COMMENT ON COLUMN brick_features.x IS 'The number, 0 or 1 of a boolean, 1 for a level; NULL in the row of a category or list itself.';
COMMENT ON COLUMN brick_features.confidence IS 'Semarize''s confidence, 0 to 1.';
