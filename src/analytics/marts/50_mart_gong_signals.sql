-- needs: calls.gong_content, calls.interaction, conversations
-- Gong's own signals in the columns of brick_features, so that bricks have to beat them. Trackers and topics are lists: a call
-- has those that occurred, and one row more that says that Gong looked.
CREATE OR REPLACE VIEW mart_gong_signals AS
WITH content AS (
  SELECT c.call_id, TRY_CAST(g.gong_content AS JSON) AS content, TRY_CAST(g.interaction AS JSON) AS interaction
  FROM calls g JOIN conversations c ON c.call_id = g.call_id
  WHERE NOT c.is_private
),
lists AS (
  SELECT call_id, 'trackers' AS signal, TRY_CAST(content -> '$.trackers' AS STRUCT(name VARCHAR, "count" DOUBLE)[]) AS items
  FROM content WHERE json_type(content, '$.trackers') = 'ARRAY'
  UNION ALL
  SELECT call_id, 'topics', list_transform(
    TRY_CAST(content -> '$.topics' AS STRUCT(name VARCHAR, duration DOUBLE)[]), lambda t: {name: t.name, "count": t.duration})
  FROM content WHERE json_type(content, '$.topics') = 'ARRAY'
),
listed AS (SELECT call_id, signal, unnest(items, recursive := true) FROM lists),
stats AS (
  SELECT call_id, unnest(TRY_CAST(interaction -> '$.interactionStats' AS STRUCT(name VARCHAR, value DOUBLE)[]), recursive := true)
  FROM content WHERE json_type(interaction, '$.interactionStats') = 'ARRAY'
),
numbers AS (
  SELECT call_id, CASE name WHEN 'Talk Ratio' THEN 'talk_share' ELSE lower(replace(name, ' ', '_')) END AS signal, value FROM stats
  UNION ALL
  SELECT call_id, 'company_questions', TRY_CAST(interaction ->> '$.questions.companyCount' AS DOUBLE) FROM content
  UNION ALL
  SELECT call_id, 'customer_questions', TRY_CAST(interaction ->> '$.questions.nonCompanyCount' AS DOUBLE) FROM content
),
signals AS (
  SELECT call_id, signal, 'number' AS value_kind, NULL::VARCHAR AS level, max(value) AS x, max(value) AS amount
  FROM numbers WHERE abs(value) < 1e100 AND signal IS NOT NULL GROUP BY call_id, signal
  UNION ALL
  SELECT call_id, signal, 'list', NULL, NULL, NULL FROM lists
  UNION ALL
  SELECT call_id, signal, 'list', name, 1, sum("count") FROM listed
  WHERE name IS NOT NULL AND "count" > 0 GROUP BY call_id, signal, name
)
SELECT
  call_id, 'gong' AS kit_code, NULL::VARCHAR AS kit_version_id, false AS is_former, signal AS brick_key, value_kind, level, x::DOUBLE AS x,
  NULL::DOUBLE AS confidence, amount::DOUBLE AS amount
FROM signals;

COMMENT ON VIEW mart_gong_signals IS 'What Gong itself says of a call, with store.gong_content, private calls left out, one row a call, signal and level. Made by gong-elt.';
COMMENT ON COLUMN mart_gong_signals.call_id IS 'Key. The call.';
COMMENT ON COLUMN mart_gong_signals.kit_code IS 'gong: stands beside the kits.';
COMMENT ON COLUMN mart_gong_signals.kit_version_id IS 'NULL: Gong names no version.';
COMMENT ON COLUMN mart_gong_signals.is_former IS 'false: Gong names no version.';
COMMENT ON COLUMN mart_gong_signals.brick_key IS 'Key. The signal: trackers, topics, talk_share, longest_monologue, longest_customer_story, interactivity, patience, company_questions, customer_questions; other statistics by their name.';
COMMENT ON COLUMN mart_gong_signals.value_kind IS 'number, or list for trackers and topics.';
COMMENT ON COLUMN mart_gong_signals.level IS 'Key, may be NULL. Tracker or topic that occurred; NULL: the row of the signal itself, one for every call that has it.';
COMMENT ON COLUMN mart_gong_signals.x IS 'The number; 1 for a level; NULL in the row of a list itself.';
COMMENT ON COLUMN mart_gong_signals.confidence IS 'NULL: Gong gives none.';
COMMENT ON COLUMN mart_gong_signals.amount IS 'The number; how often the tracker occurred; seconds of the topic.';
