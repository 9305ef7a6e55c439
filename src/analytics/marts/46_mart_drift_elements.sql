-- needs: mart_messaging_drift
CREATE OR REPLACE VIEW mart_drift_elements AS
-- Weeks after a training, over all trainings of the element.
WITH weeks AS (
  SELECT element, kit_code, any_value(kit_version_id) AS kit_version_id, bucket, sum(n_checked)::BIGINT AS n, sum(n_used)::BIGINT AS k,
    sum(n_used) / sum(n_checked)::DOUBLE AS rate, max(target) AS target
  FROM mart_messaging_drift WHERE n_checked > 0 GROUP BY element, kit_code, bucket
),
aimed AS (
  SELECT *,
    sum(n * bucket) OVER whole / sum(n) OVER whole::DOUBLE AS mean_bucket, sum(k) OVER whole / sum(n) OVER whole::DOUBLE AS mean_rate
  FROM weeks
  WINDOW whole AS (PARTITION BY element, kit_code)
),
-- Least squares over the weeks, each as heavy as its answers.
elements AS (
  SELECT element, kit_code, any_value(kit_version_id) AS kit_version_id, count(*) AS n_buckets, sum(n)::BIGINT AS n_checked,
    min(bucket) AS first_bucket, arg_min(n, bucket) AS n_first, arg_min(rate, bucket) AS used_rate_first,
    max(bucket) AS last_bucket, arg_max(n, bucket) AS n_last, arg_max(rate, bucket) AS used_rate_last,
    sum(n * (bucket - mean_bucket) * (rate - mean_rate) ORDER BY bucket)
      / nullif(sum(n * (bucket - mean_bucket) ^ 2 ORDER BY bucket), 0) / 7 * 30 AS slope_per_30d,
    max(target) AS target, min(bucket) FILTER (rate < target) AS first_week_below_target
  FROM aimed GROUP BY element, kit_code
)
SELECT
  element, kit_code, kit_version_id, n_buckets, n_checked, first_bucket, n_first, used_rate_first, last_bucket, n_last,
  used_rate_last, slope_per_30d, target, first_week_below_target,
  CASE WHEN slope_per_30d IS NOT NULL THEN rank() OVER (PARTITION BY kit_code ORDER BY round(slope_per_30d, 12) NULLS LAST) END AS decay_rank
FROM elements;

COMMENT ON VIEW mart_drift_elements IS 'Which elements of the playbook wear off fastest after a training, one row an element and kit. Made by gong-elt.';
COMMENT ON COLUMN mart_drift_elements.element IS 'Key. The element of the playbook.';
COMMENT ON COLUMN mart_drift_elements.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_drift_elements.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_drift_elements.n_buckets IS 'Weeks with answers, over all trainings of the element.';
COMMENT ON COLUMN mart_drift_elements.n_checked IS 'Answers in these weeks.';
COMMENT ON COLUMN mart_drift_elements.first_bucket IS 'First week with answers, from 0.';
COMMENT ON COLUMN mart_drift_elements.n_first IS 'Answers in it.';
COMMENT ON COLUMN mart_drift_elements.used_rate_first IS 'Share of these that used the approved message.';
COMMENT ON COLUMN mart_drift_elements.last_bucket IS 'Last week with answers.';
COMMENT ON COLUMN mart_drift_elements.n_last IS 'Answers in it.';
COMMENT ON COLUMN mart_drift_elements.used_rate_last IS 'Share of these that used the approved message.';
COMMENT ON COLUMN mart_drift_elements.slope_per_30d IS 'Change of the used rate in 30 days: least squares over the weeks, each as heavy as its answers; NULL with a single week.';
COMMENT ON COLUMN mart_drift_elements.target IS 'Rate that is good enough, as in mart_messaging_drift.';
COMMENT ON COLUMN mart_drift_elements.first_week_below_target IS 'First week whose rate is under target; NULL when none is, or without a target.';
COMMENT ON COLUMN mart_drift_elements.decay_rank IS '1 = the rate falls fastest, within the kit; equals share a rank; NULL without a slope.';
