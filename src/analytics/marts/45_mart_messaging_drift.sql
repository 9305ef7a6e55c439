-- needs: conversation_answers
-- Is a message used after it was trained? Days are counted from cfg_enablement; what a kit says of them is not read.
CREATE OR REPLACE VIEW mart_messaging_drift AS
WITH told AS (
  SELECT call_id, kit_code, kit_version_id, brick_key, element, threshold, role, rep, team, value_bool, value_num, value_text,
    make_timestamp(epoch_us(started_at))::DATE AS day
  FROM conversation_answers
  WHERE role IN ('approved_messaging_used', 'drift_category', 'drift_severity') AND started_at IS NOT NULL
),
-- A brick without an element is about all of them.
trained AS (
  SELECT t.* EXCLUDE (element), e.element, e.event_id, e.trained_on, e.team AS event_team, t.day - e.trained_on AS days
  FROM told t JOIN cfg_enablement e ON (t.element IS NULL OR t.element = e.element) AND (e.team IS NULL OR e.team = t.team)
),
-- The latest training of the element on or before the call.
after AS (
  SELECT *, days // 7 AS bucket FROM trained WHERE days >= 0
  QUALIFY row_number() OVER (
    PARTITION BY call_id, kit_code, brick_key, element ORDER BY trained_on DESC, event_team NULLS LAST, event_id) = 1
),
before AS (
  SELECT event_id, element, kit_code, count(*) AS n, count(*) FILTER (value_bool) AS k
  FROM (
    SELECT DISTINCT event_id, element, kit_code, call_id, brick_key, value_bool FROM trained
    WHERE days BETWEEN -30 AND -1 AND role = 'approved_messaging_used' AND value_bool IS NOT NULL)
  GROUP BY event_id, element, kit_code
),
categories AS (
  SELECT event_id, element, kit_code, bucket, value_text AS category, count(*) AS n FROM after
  WHERE role = 'drift_category' AND value_text IS NOT NULL
  GROUP BY event_id, element, kit_code, bucket, value_text
),
top AS (
  SELECT event_id, element, kit_code, bucket, first(category ORDER BY n DESC, category) AS category
  FROM categories GROUP BY event_id, element, kit_code, bucket
),
buckets AS (
  SELECT event_id, element, kit_code, bucket, any_value(kit_version_id) AS kit_version_id,
    min(days) AS days_min, max(days) AS days_max, count(DISTINCT call_id) AS n_calls, count(DISTINCT rep) AS n_reps,
    count(value_bool) FILTER (role = 'approved_messaging_used') AS n,
    count(*) FILTER (role = 'approved_messaging_used' AND value_bool) AS k,
    count(value_num) FILTER (role = 'drift_severity') AS severity_n,
    avg(value_num ORDER BY call_id, brick_key) FILTER (role = 'drift_severity') AS severity_mean,
    quantile_cont(value_num, 0.9) FILTER (role = 'drift_severity') AS severity_p90,
    max(threshold) FILTER (role = 'approved_messaging_used') AS target
  FROM after GROUP BY event_id, element, kit_code, bucket
)
SELECT
  b.event_id, b.element, b.bucket, b.kit_code, b.kit_version_id, b.days_min AS days_since_enablement_min,
  b.days_max AS days_since_enablement_max, b.n AS n_checked, b.n_calls, b.n_reps, b.k AS n_used,
  CASE WHEN b.n > 0 THEN b.k / b.n::DOUBLE END AS used_rate,
  CASE WHEN b.n > 0 THEN greatest(0, (b.k + 1.9207294103470627e0 - 1.959963984540054e0 * sqrt(b.k * (b.n - b.k) / b.n::DOUBLE + 0.9603647051735313e0)) / (b.n + 3.8414588206941254e0)) END AS used_rate_low,
  CASE WHEN b.n > 0 THEN least(1, (b.k + 1.9207294103470627e0 + 1.959963984540054e0 * sqrt(b.k * (b.n - b.k) / b.n::DOUBLE + 0.9603647051735313e0)) / (b.n + 3.8414588206941254e0)) END AS used_rate_high,
  b.target, b.severity_n, b.severity_mean, b.severity_p90, t.category AS top_drift_category,
  coalesce(p.n, 0) AS baseline_n, p.k / p.n::DOUBLE AS baseline_rate,
  CASE WHEN b.n > 0 THEN b.k / b.n::DOUBLE - p.k / p.n::DOUBLE END AS delta
FROM buckets b
LEFT JOIN top t ON t.event_id = b.event_id AND t.element = b.element AND t.kit_code = b.kit_code AND t.bucket = b.bucket
LEFT JOIN before p ON p.event_id = b.event_id AND p.element = b.element AND p.kit_code = b.kit_code;

COMMENT ON VIEW mart_messaging_drift IS 'Is a trained message used, and for how long, one row an event, element, kit and week after the event. Made by gong-elt.';
COMMENT ON COLUMN mart_messaging_drift.event_id IS 'Key. The training (cfg_enablement): the latest of the element, for the team of the call, on or before the day of the call.';
COMMENT ON COLUMN mart_messaging_drift.element IS 'Key. The element of the playbook; a brick without one counts for every element.';
COMMENT ON COLUMN mart_messaging_drift.bucket IS 'Key. Whole weeks since the training: 0 is its day and the six days after it.';
COMMENT ON COLUMN mart_messaging_drift.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_messaging_drift.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_messaging_drift.days_since_enablement_min IS 'Days from the training to the first of the calls, in UTC.';
COMMENT ON COLUMN mart_messaging_drift.days_since_enablement_max IS 'Days from the training to the last of the calls, in UTC.';
COMMENT ON COLUMN mart_messaging_drift.n_checked IS 'Answers of bricks of role approved_messaging_used.';
COMMENT ON COLUMN mart_messaging_drift.n_calls IS 'Calls with an answer to one of the bricks, also an empty one.';
COMMENT ON COLUMN mart_messaging_drift.n_reps IS 'Their owners, by name.';
COMMENT ON COLUMN mart_messaging_drift.n_used IS 'Of n_checked, true.';
COMMENT ON COLUMN mart_messaging_drift.used_rate IS 'n_used divided by n_checked; NULL over nothing.';
COMMENT ON COLUMN mart_messaging_drift.used_rate_low IS '95 % Wilson limit of used_rate.';
COMMENT ON COLUMN mart_messaging_drift.used_rate_high IS '95 % Wilson limit of used_rate.';
COMMENT ON COLUMN mart_messaging_drift.target IS 'Rate that is good enough: threshold of the brick of role approved_messaging_used (cfg_bricks), 0 to 1.';
COMMENT ON COLUMN mart_messaging_drift.severity_n IS 'Numbers behind severity_mean.';
COMMENT ON COLUMN mart_messaging_drift.severity_mean IS 'Mean of the bricks of role drift_severity, as stored.';
COMMENT ON COLUMN mart_messaging_drift.severity_p90 IS 'Their 90th percentile, interpolated.';
COMMENT ON COLUMN mart_messaging_drift.top_drift_category IS 'Most frequent value of the bricks of role drift_category; of equals the first by name.';
COMMENT ON COLUMN mart_messaging_drift.baseline_n IS 'Answers behind baseline_rate.';
COMMENT ON COLUMN mart_messaging_drift.baseline_rate IS 'used_rate of the 30 days before the training, of the teams that were trained; NULL over nothing.';
COMMENT ON COLUMN mart_messaging_drift.delta IS 'used_rate minus baseline_rate.';
