-- needs: bricks_current, brick_evidence, conversations
CREATE OR REPLACE VIEW mart_brick_quality AS
WITH quotes AS (
  SELECT run_id, brick_key, count(*) AS n_quotes, count(found_in_transcript) AS n_checked,
    count(*) FILTER (found_in_transcript) AS n_found
  FROM brick_evidence GROUP BY run_id, brick_key
),
answers AS (
  SELECT b.kit_code, b.kit_version_id, b.brick_key, b.is_analysed_version, b.value_kind, b.confidence,
    CASE b.value_kind
      WHEN 'number' THEN b.value_num::VARCHAR WHEN 'boolean' THEN b.value_bool::VARCHAR WHEN 'text' THEN b.value_text
      WHEN 'list' THEN b.value_list::VARCHAR
    END AS value,
    coalesce(q.n_quotes, 0) AS n_quotes, coalesce(q.n_checked, 0) AS n_checked, coalesce(q.n_found, 0) AS n_found
  FROM bricks_current b
  JOIN conversations c ON c.call_id = b.call_id
  LEFT JOIN quotes q ON q.run_id = b.run_id AND q.brick_key = b.brick_key
)
SELECT
  kit_code, kit_version_id, brick_key, bool_or(is_analysed_version) AS is_analysed_version, count(*) AS n,
  count(*) FILTER (value_kind = 'null') AS null_n, count(*) FILTER (value_kind = 'null') / count(*)::DOUBLE AS null_rate,
  count(*) FILTER (value_kind = 'missing') AS missing_n, count(*) FILTER (value_kind = 'missing') / count(*)::DOUBLE AS missing_rate,
  count(confidence) AS confidence_n, avg(confidence) AS mean_confidence,
  count(*) FILTER (confidence < 0.5) / nullif(count(confidence), 0)::DOUBLE AS low_confidence_share,
  count(DISTINCT value_kind || ' ' || value) AS distinct_values,
  sum(n_quotes)::BIGINT AS quotes, sum(n_checked)::BIGINT AS quotes_checked,
  sum(n_found)::BIGINT AS quotes_found, sum(n_found) / nullif(sum(n_checked), 0)::DOUBLE AS quotes_found_rate
FROM answers GROUP BY kit_code, kit_version_id, brick_key;

COMMENT ON VIEW mart_brick_quality IS 'How good the answers are, over the runs that speak for a call, one row a kit, version and brick. Made by gong-elt.';
COMMENT ON COLUMN mart_brick_quality.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_brick_quality.kit_version_id IS 'Key, may be NULL. The version of the kit.';
COMMENT ON COLUMN mart_brick_quality.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN mart_brick_quality.is_analysed_version IS 'Is it the version that the other marts read?';
COMMENT ON COLUMN mart_brick_quality.n IS 'Answers.';
COMMENT ON COLUMN mart_brick_quality.null_n IS 'Of these, whose value is null.';
COMMENT ON COLUMN mart_brick_quality.null_rate IS 'null_n divided by n.';
COMMENT ON COLUMN mart_brick_quality.missing_n IS 'Of these, without a value.';
COMMENT ON COLUMN mart_brick_quality.missing_rate IS 'missing_n divided by n.';
COMMENT ON COLUMN mart_brick_quality.confidence_n IS 'Answers with a confidence.';
COMMENT ON COLUMN mart_brick_quality.mean_confidence IS 'Mean of these.';
COMMENT ON COLUMN mart_brick_quality.low_confidence_share IS 'Share of these that is under 0.5.';
COMMENT ON COLUMN mart_brick_quality.distinct_values IS 'Different values; null, missing and objects are none.';
COMMENT ON COLUMN mart_brick_quality.quotes IS 'Quotes in the evidence.';
COMMENT ON COLUMN mart_brick_quality.quotes_checked IS 'Of these, whose transcript is stored.';
COMMENT ON COLUMN mart_brick_quality.quotes_found IS 'Of these, that occur in it (brick_evidence).';
COMMENT ON COLUMN mart_brick_quality.quotes_found_rate IS 'quotes_found divided by quotes_checked; NULL over nothing.';
