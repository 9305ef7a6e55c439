-- needs: stream_runs, kit_versions
-- Which run of a call speaks for it, and why every other one does not: the run-level half of the exclusions (the deal-level
-- half is deal_calls).
CREATE OR REPLACE VIEW run_eligibility AS
WITH judged AS (
  SELECT
    r.run_id, r.call_id, r.kit_code, r.kit_version_id, r.origin, r.requested_at, r.finished_at,
    k.kit_code IS NOT NULL AND r.kit_version_id IS NOT DISTINCT FROM k.kit_version_id AS is_analysed_version,
    CASE
      WHEN r.status IS DISTINCT FROM 'succeeded' THEN 'not_succeeded'
      WHEN r.is_sandbox THEN 'sandbox'
      WHEN r.call_id IS NULL THEN 'no_call'
      WHEN r.kit_code IS NULL THEN 'no_kit'
    END AS unusable_reason,
    -- Its input may have held the stage of the deal.
    r.origin = 'collected'
      AND (SELECT value FROM cfg_settings WHERE key = 'include_collected') IS DISTINCT FROM 'true' AS is_left_out
  FROM stream_runs r LEFT JOIN kit_versions k ON k.kit_code = r.kit_code
),
placed AS (
  SELECT *,
    -- A run that counts comes before a newer one that does not.
    unusable_reason IS NULL AND row_number() OVER (
      PARTITION BY call_id, kit_code, kit_version_id, unusable_reason IS NULL
      ORDER BY coalesce(is_left_out, false), requested_at DESC NULLS LAST, run_id DESC) = 1 AS is_current
  FROM judged
),
explained AS (
  SELECT *,
    CASE
      WHEN unusable_reason IS NOT NULL THEN unusable_reason
      WHEN NOT is_analysed_version THEN 'other_kit_version'
      WHEN is_left_out THEN 'collected'
      WHEN NOT is_current THEN 'superseded'
    END AS exclusion_reason
  FROM placed
)
SELECT
  run_id, call_id, kit_code, kit_version_id, origin, is_current, is_analysed_version, exclusion_reason IS NULL AS is_eligible,
  exclusion_reason
FROM explained;

COMMENT ON VIEW run_eligibility IS 'Which runs count in statistics and why the others do not, one row a run. Made by gong-elt.';
COMMENT ON COLUMN run_eligibility.run_id IS 'Key. The run.';
COMMENT ON COLUMN run_eligibility.call_id IS 'The call.';
COMMENT ON COLUMN run_eligibility.kit_code IS 'The kit.';
COMMENT ON COLUMN run_eligibility.kit_version_id IS 'The version of the kit.';
COMMENT ON COLUMN run_eligibility.origin IS 'connector, or collected: made elsewhere.';
COMMENT ON COLUMN run_eligibility.is_current IS 'Is it the run that speaks for its call, kit and version: the newest that counts, else the newest?';
COMMENT ON COLUMN run_eligibility.is_analysed_version IS 'Is it of the version that kit_versions names?';
COMMENT ON COLUMN run_eligibility.is_eligible IS 'Does the run count in statistics?';
COMMENT ON COLUMN run_eligibility.exclusion_reason IS 'not_succeeded, sandbox, no_call, no_kit, other_kit_version, collected, superseded; NULL for a run that counts.';
