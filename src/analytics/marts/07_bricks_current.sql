-- needs: semarize_bricks, run_eligibility
CREATE OR REPLACE VIEW bricks_current AS
SELECT
  b.call_id, b.kit_code, b.kit_version_id, b.brick_key, b.run_id, b.origin, b.finished_at, e.is_analysed_version, e.is_eligible,
  b.value_kind, b.value_bool, b.value_num, b.value_text, b.value_list, b.confidence, b.reason, b.evidence
FROM run_eligibility e JOIN semarize_bricks b ON b.run_id = e.run_id
WHERE e.is_current;

COMMENT ON VIEW bricks_current IS 'The answers that speak for a call, one row a call, kit, version and brick. Made by gong-elt.';
COMMENT ON COLUMN bricks_current.call_id IS 'Key. The call.';
COMMENT ON COLUMN bricks_current.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN bricks_current.kit_version_id IS 'Key, may be NULL. The version of the kit.';
COMMENT ON COLUMN bricks_current.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN bricks_current.run_id IS 'The run it comes from: newest succeeded, no sandbox run.';
COMMENT ON COLUMN bricks_current.origin IS 'connector, or collected: made elsewhere.';
COMMENT ON COLUMN bricks_current.finished_at IS 'When the end of the run was first seen.';
COMMENT ON COLUMN bricks_current.is_analysed_version IS 'Is it of the version that kit_versions names?';
COMMENT ON COLUMN bricks_current.is_eligible IS 'Does the run count in statistics (run_eligibility)?';
COMMENT ON COLUMN bricks_current.value_kind IS 'number, boolean, text, list, object, null, or missing.';
COMMENT ON COLUMN bricks_current.value_bool IS 'The value of kind boolean.';
COMMENT ON COLUMN bricks_current.value_num IS 'The value of kind number; NULL beyond ±1e100.';
COMMENT ON COLUMN bricks_current.value_text IS 'The value of kind text.';
COMMENT ON COLUMN bricks_current.value_list IS 'The value of kind list, items as text.';
COMMENT ON COLUMN bricks_current.confidence IS 'Semarize''s confidence, 0 to 1.';
COMMENT ON COLUMN bricks_current.reason IS 'Semarize''s reason.';
COMMENT ON COLUMN bricks_current.evidence IS 'Quotes.';
