-- needs: stream_runs, stream_transcripts
-- Every run that was made, also those that no other mart counts.
CREATE OR REPLACE VIEW mart_run_health AS
WITH placed AS (
  SELECT
    r.*, make_timestamp(epoch_us(coalesce(r.requested_at, r.finished_at, r.extracted_at)))::DATE AS day,
    -- Asked again although the call had a run of this version, whatever became of it.
    r.call_id IS NOT NULL AND row_number() OVER (
      PARTITION BY r.call_id, r.kit_code, r.kit_version_id, r.is_sandbox IS TRUE ORDER BY r.requested_at NULLS FIRST, r.run_id) > 1 AS is_rerun,
    t.transcript_hash <> r.transcript_hash AS is_text_changed
  FROM stream_runs r LEFT JOIN stream_transcripts t ON t.call_id = r.call_id
),
coded AS (
  SELECT day, kit_code, error_code, count(*) AS n FROM placed WHERE error_code IS NOT NULL GROUP BY day, kit_code, error_code
),
errors AS (
  SELECT day, kit_code, list({error_code: error_code, n: n} ORDER BY n DESC, error_code) AS errors FROM coded GROUP BY day, kit_code
),
days AS (
  SELECT
    day, kit_code,
    CASE WHEN count(DISTINCT coalesce(kit_version_id, '')) = 1 THEN any_value(kit_version_id) END AS kit_version_id,
    count(DISTINCT coalesce(kit_version_id, '')) AS n_versions,
    count(*) AS n_runs, count(*) FILTER (status = 'succeeded') AS succeeded_n, count(*) FILTER (status = 'failed') AS failed_n,
    count(*) FILTER (status = 'cancelled') AS cancelled_n,
    count(*) FILTER (status IS NULL OR status NOT IN ('succeeded', 'failed', 'cancelled')) AS other_status_n,
    quantile_cont(duration_ms, 0.5) AS p50_duration_ms, quantile_cont(duration_ms, 0.95) AS p95_duration_ms,
    avg(input_chars) AS mean_input_chars, count(*) FILTER (is_sandbox) AS sandbox_n, count(*) FILTER (origin = 'collected') AS collected_n,
    count(*) FILTER (is_rerun) AS rerun_n, count(*) FILTER (is_text_changed) AS text_changed_n
  FROM placed GROUP BY day, kit_code
)
SELECT
  d.day, d.kit_code, d.kit_version_id, d.n_versions, d.n_runs, d.succeeded_n, d.failed_n, d.cancelled_n, d.other_status_n, e.errors,
  d.p50_duration_ms, d.p95_duration_ms, d.mean_input_chars, d.sandbox_n,
  d.collected_n, d.rerun_n, d.text_changed_n
FROM days d LEFT JOIN errors e ON e.day IS NOT DISTINCT FROM d.day AND e.kit_code IS NOT DISTINCT FROM d.kit_code;

COMMENT ON VIEW mart_run_health IS 'How the runs went, every run counted, one row a day and kit. Made by gong-elt.';
COMMENT ON COLUMN mart_run_health.day IS 'Key, may be NULL. Day of the request, UTC; without one, of the end of the run.';
COMMENT ON COLUMN mart_run_health.kit_code IS 'Key, may be NULL. The kit.';
COMMENT ON COLUMN mart_run_health.kit_version_id IS 'The version of the kit, where all runs of the day have the same.';
COMMENT ON COLUMN mart_run_health.n_versions IS 'Versions among the runs; no version counts as one.';
COMMENT ON COLUMN mart_run_health.n_runs IS 'Runs.';
COMMENT ON COLUMN mart_run_health.succeeded_n IS 'Of these, succeeded.';
COMMENT ON COLUMN mart_run_health.failed_n IS 'Of these, failed.';
COMMENT ON COLUMN mart_run_health.cancelled_n IS 'Of these, cancelled.';
COMMENT ON COLUMN mart_run_health.other_status_n IS 'Of these, with another status or none.';
COMMENT ON COLUMN mart_run_health.errors IS 'Error codes with their number of runs, most frequent first; NULL when no run has one.';
COMMENT ON COLUMN mart_run_health.p50_duration_ms IS 'Median duration, milliseconds.';
COMMENT ON COLUMN mart_run_health.p95_duration_ms IS '95th percentile of the duration, milliseconds.';
COMMENT ON COLUMN mart_run_health.mean_input_chars IS 'Mean length of the text that was evaluated, characters.';
COMMENT ON COLUMN mart_run_health.sandbox_n IS 'Runs of the Semarize sandbox: in no other mart.';
COMMENT ON COLUMN mart_run_health.collected_n IS 'Runs made elsewhere.';
COMMENT ON COLUMN mart_run_health.rerun_n IS 'Runs of a call that the same version had been asked about before.';
COMMENT ON COLUMN mart_run_health.text_changed_n IS 'Runs whose transcript has another text by now.';
