-- needs: stream_runs, semarize_bricks
-- Runs that evaluated the same text with the same version, two and two in the order in which they were asked for: what a kit
-- answers when it is asked again.
CREATE OR REPLACE VIEW retest_pairs AS
WITH numbered AS (
  SELECT run_id, call_id, kit_code, kit_version_id, transcript_hash, requested_at,
    row_number() OVER (
      PARTITION BY call_id, kit_code, kit_version_id, transcript_hash ORDER BY requested_at, run_id) AS run_number
  FROM stream_runs
  WHERE status = 'succeeded' AND is_sandbox IS NOT TRUE AND call_id IS NOT NULL AND kit_code IS NOT NULL AND transcript_hash IS NOT NULL
),
pairs AS (
  SELECT a.call_id, a.kit_code, a.kit_version_id, a.run_id AS first_run_id, b.run_id AS second_run_id,
    date_trunc('month', make_timestamp(epoch_us(b.requested_at)))::DATE AS month
  FROM numbered a
  JOIN numbered b ON b.call_id = a.call_id AND b.kit_code = a.kit_code AND b.transcript_hash = a.transcript_hash
    AND b.kit_version_id IS NOT DISTINCT FROM a.kit_version_id AND b.run_number = a.run_number + 1
  WHERE a.run_number % 2 = 1
),
-- A value as text that is equal when the values are: items of a list in order, whatever order they came in.
answers AS (
  SELECT run_id, brick_key, value_kind, value_num,
    CASE value_kind WHEN 'number' THEN value_num::VARCHAR WHEN 'boolean' THEN value_bool::VARCHAR WHEN 'text' THEN value_text
      WHEN 'list' THEN list_sort(list_distinct(value_list))::VARCHAR END AS value
  FROM semarize_bricks
)
SELECT
  p.call_id, p.kit_code, p.kit_version_id, a.brick_key, p.first_run_id, p.second_run_id, p.month,
  CASE WHEN a.value IS NULL THEN b.value_kind ELSE a.value_kind END AS value_kind,
  a.value AS first_value, b.value AS second_value,
  coalesce(a.value_kind = b.value_kind AND a.value = b.value, false) AS is_equal,
  coalesce(a.value_kind = b.value_kind AND a.value IS NOT NULL AND b.value IS NOT NULL, false) AS is_comparable
FROM pairs p
JOIN answers a ON a.run_id = p.first_run_id
JOIN answers b ON b.run_id = p.second_run_id AND b.brick_key = a.brick_key
WHERE a.value IS NOT NULL OR b.value IS NOT NULL;

COMMENT ON VIEW retest_pairs IS 'Two answers of one version of a kit about the same text, one row a pair of runs and brick. Made by gong-elt.';
COMMENT ON COLUMN retest_pairs.call_id IS 'The call.';
COMMENT ON COLUMN retest_pairs.kit_code IS 'The kit.';
COMMENT ON COLUMN retest_pairs.kit_version_id IS 'Its version, any: not only the analysed one.';
COMMENT ON COLUMN retest_pairs.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN retest_pairs.first_run_id IS 'Key. The earlier run.';
COMMENT ON COLUMN retest_pairs.second_run_id IS 'The later run.';
COMMENT ON COLUMN retest_pairs.month IS 'First day of the month (UTC) in which the later run was asked for.';
COMMENT ON COLUMN retest_pairs.value_kind IS 'number, boolean, text or list: of the earlier value, else of the later.';
COMMENT ON COLUMN retest_pairs.first_value IS 'The earlier value as text; NULL for null and missing.';
COMMENT ON COLUMN retest_pairs.second_value IS 'The later value as text; NULL for null and missing.';
COMMENT ON COLUMN retest_pairs.is_equal IS 'Are both the same value? One value and one null are not.';
COMMENT ON COLUMN retest_pairs.is_comparable IS 'Are both values of one kind? Pairs of which one is null count in the share of equal answers only.';
