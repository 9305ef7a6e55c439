-- needs: conversation_answers, as_of
CREATE OR REPLACE VIEW mart_knowledge_gaps AS
WITH named AS (
  SELECT call_id, rep, started_at,
    unnest(CASE value_kind WHEN 'text' THEN [value_text] WHEN 'list' THEN value_list END) AS gap
  FROM conversation_answers WHERE role = 'knowledge_gap' AND value_kind IN ('text', 'list')
),
-- A call names a gap once, however many bricks and kits say it.
calls_of_gaps AS (
  SELECT DISTINCT trim(n.gap) AS gap, n.call_id, n.rep, n.started_at,
    (epoch_us((SELECT as_of FROM as_of)) - epoch_us(n.started_at)) / 86400e6 AS days_ago
  FROM named n WHERE trim(n.gap) <> ''
)
SELECT
  gap, count(*) AS n_calls, count(DISTINCT rep) AS n_reps, min(started_at) AS first_seen, max(started_at) AS last_seen,
  count(*) FILTER (days_ago >= 0 AND days_ago < 28) AS n_4w,
  count(*) FILTER (days_ago >= 28 AND days_ago < 56) AS n_prev_4w
FROM calls_of_gaps GROUP BY gap;

COMMENT ON VIEW mart_knowledge_gaps IS 'What reps do not know, over all kits, one row a gap. Made by gong-elt.';
COMMENT ON COLUMN mart_knowledge_gaps.gap IS 'Key. The value of a brick of role knowledge_gap, or an item of its list.';
COMMENT ON COLUMN mart_knowledge_gaps.n_calls IS 'Conversations that show the gap.';
COMMENT ON COLUMN mart_knowledge_gaps.n_reps IS 'Their owners, by name; conversations without one add none.';
COMMENT ON COLUMN mart_knowledge_gaps.first_seen IS 'Start of the first of these conversations.';
COMMENT ON COLUMN mart_knowledge_gaps.last_seen IS 'Start of the newest of these conversations.';
COMMENT ON COLUMN mart_knowledge_gaps.n_4w IS 'Conversations in the 28 days up to as_of.';
COMMENT ON COLUMN mart_knowledge_gaps.n_prev_4w IS 'Conversations in the 28 days before these.';
