-- needs: conversation_answers, deals, as_of
-- One score per deal out of every recorder and kit: Σ weight·points / Σ weight over its signals, no recency, no confidence.
CREATE OR REPLACE VIEW mart_unified_deal_score AS
WITH marked AS (
  SELECT opportunity_id, source, kit_code, brick_key, call_id, started_at, title, weight, points, confidence, value_kind
  FROM conversation_answers WHERE in_deal_score
),
told AS (
  SELECT * EXCLUDE (value_kind), dense_rank() OVER (PARTITION BY opportunity_id ORDER BY started_at DESC NULLS LAST, call_id) AS recency
  FROM marked WHERE opportunity_id IS NOT NULL AND value_kind NOT IN ('null', 'missing')
),
-- The deal as it is, and as it was before its newest conversation.
states AS (
  SELECT 'now' AS state, * FROM told
  UNION ALL
  SELECT 'before', * FROM told WHERE recency > 1
),
newest AS (
  SELECT * FROM states
  QUALIFY row_number() OVER (PARTITION BY state, opportunity_id, source, kit_code, brick_key ORDER BY recency) = 1
),
-- A newest value that has no points (a level that nobody gave any) is no signal, and no older one speaks for it.
signals AS (SELECT * FROM newest WHERE points IS NOT NULL),
-- What could be seen: the bricks that are marked, for each kit that answers them.
wanted AS (
  SELECT DISTINCT kit_code, brick_key FROM marked
  UNION
  SELECT kit_code, brick_key FROM cfg_bricks c
  WHERE in_deal_score AND NOT EXISTS (
    SELECT 1 FROM marked m WHERE m.brick_key = c.brick_key AND (c.kit_code = '*' OR m.kit_code = c.kit_code))
),
sources AS (
  SELECT state, opportunity_id, source, count(*) AS n_signals,
    sum(weight * points ORDER BY kit_code, brick_key) / sum(weight ORDER BY kit_code, brick_key) AS score,
    count(*) / (SELECT count(*) FROM wanted)::DOUBLE AS coverage,
    max(started_at) AS last_call, first(title ORDER BY recency) AS last_title
  FROM signals GROUP BY state, opportunity_id, source
),
lists AS (
  SELECT opportunity_id, count(*) AS n_sources,
    list({source: source, score: score, n_signals: n_signals, coverage: coverage, last_call: last_call, last_title: last_title}
      ORDER BY source) AS by_source
  FROM sources WHERE state = 'now' GROUP BY opportunity_id
),
scores AS (
  SELECT state, opportunity_id, count(*) AS n_signals,
    sum(weight * points ORDER BY source, kit_code, brick_key) / sum(weight ORDER BY source, kit_code, brick_key) AS score,
    avg(confidence ORDER BY source, kit_code, brick_key) AS confidence_mean, min(confidence) AS confidence_min,
    max(started_at) AS last_signal_at
  FROM signals GROUP BY state, opportunity_id
),
seen AS (SELECT DISTINCT opportunity_id, kit_code, brick_key FROM signals WHERE state = 'now'),
missing AS (
  SELECT d.opportunity_id, list(DISTINCT w.brick_key ORDER BY w.brick_key) AS missing_signals, count(*) AS n_missing
  FROM (SELECT DISTINCT opportunity_id FROM seen) d CROSS JOIN wanted w
  ANTI JOIN seen s ON s.opportunity_id = d.opportunity_id AND s.kit_code = w.kit_code AND s.brick_key = w.brick_key
  GROUP BY d.opportunity_id
)
SELECT
  n.opportunity_id, d.opportunity_name, d.account_name, d.is_closed, n.score, n.n_signals, l.n_sources, l.by_source,
  1 - coalesce(m.n_missing, 0) / (SELECT count(*) FROM wanted)::DOUBLE AS coverage, m.missing_signals,
  n.confidence_mean, n.confidence_min, n.last_signal_at,
  floor((epoch_us((SELECT as_of FROM as_of)) - epoch_us(n.last_signal_at)) / 86400e6)::BIGINT AS staleness_days,
  b.score AS previous_score, 'weighted_mean/1' AS method_version
FROM scores n
JOIN lists l ON l.opportunity_id = n.opportunity_id
LEFT JOIN deals d ON d.opportunity_id = n.opportunity_id
LEFT JOIN scores b ON b.state = 'before' AND b.opportunity_id = n.opportunity_id
LEFT JOIN missing m ON m.opportunity_id = n.opportunity_id
WHERE n.state = 'now';

COMMENT ON VIEW mart_unified_deal_score IS 'One score out of every recorder and kit, one row an opportunity with a signal. Made by gong-elt.';
COMMENT ON COLUMN mart_unified_deal_score.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN mart_unified_deal_score.opportunity_name IS 'Its name.';
COMMENT ON COLUMN mart_unified_deal_score.account_name IS 'Its account.';
COMMENT ON COLUMN mart_unified_deal_score.is_closed IS 'Has it ended? NULL when nothing says so.';
COMMENT ON COLUMN mart_unified_deal_score.score IS 'Weighted mean points of its signals. A signal is the newest value of a brick marked in_deal_score, per source and kit.';
COMMENT ON COLUMN mart_unified_deal_score.n_signals IS 'Signals.';
COMMENT ON COLUMN mart_unified_deal_score.n_sources IS 'Recorders they come from.';
COMMENT ON COLUMN mart_unified_deal_score.by_source IS 'Per recorder: score, number of signals, coverage (signals divided by the bricks marked in_deal_score), start and title of the newest conversation.';
COMMENT ON COLUMN mart_unified_deal_score.coverage IS 'Share of the bricks marked in_deal_score that some recorder has a signal of.';
COMMENT ON COLUMN mart_unified_deal_score.missing_signals IS 'Bricks marked in_deal_score without a signal; NULL when none is missing.';
COMMENT ON COLUMN mart_unified_deal_score.confidence_mean IS 'Mean confidence of the signals.';
COMMENT ON COLUMN mart_unified_deal_score.confidence_min IS 'Smallest confidence of the signals.';
COMMENT ON COLUMN mart_unified_deal_score.last_signal_at IS 'Start of the newest conversation with a signal.';
COMMENT ON COLUMN mart_unified_deal_score.staleness_days IS 'Whole days from it to as_of.';
COMMENT ON COLUMN mart_unified_deal_score.previous_score IS 'The score without the newest conversation; NULL when it was the first.';
COMMENT ON COLUMN mart_unified_deal_score.method_version IS 'How the score is made: weighted_mean/1.';
