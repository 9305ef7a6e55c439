-- needs: bricks_current, kit_versions
CREATE OR REPLACE VIEW brick_points AS
WITH score_roles AS (
  SELECT kit_code, brick_key FROM cfg_bricks WHERE role = 'score'
),
-- A kit whose answers hold two bricks of role score has none of them until the settings choose: never one for this call and
-- the other for that.
undecided AS (
  SELECT b.kit_code FROM bricks_current b
  JOIN score_roles r ON r.brick_key = b.brick_key AND r.kit_code IN ('*', b.kit_code)
  LEFT JOIN cfg_bricks own ON own.kit_code = b.kit_code AND own.brick_key = b.brick_key
  -- Only where two bricks could be meant at all.
  WHERE b.is_analysed_version AND (own.kit_code IS NULL OR own.role = 'score') AND (SELECT count(*) FROM score_roles) > 1
  GROUP BY b.kit_code HAVING count(DISTINCT b.brick_key) > 1
),
meant AS (
  SELECT
    b.*, k.score_brick, u.kit_code IS NOT NULL AS is_undecided,
    -- The row of the exact kit wins as a whole over the row for any kit. An alias is the row as a STRUCT.
    CASE WHEN exact.kit_code IS NOT NULL THEN exact ELSE any_kit END AS cfg,
    CASE WHEN exact_level.kit_code IS NOT NULL THEN exact_level ELSE any_level END AS cfg_level
  FROM bricks_current b
  LEFT JOIN undecided u ON u.kit_code = b.kit_code
  LEFT JOIN kit_versions k ON k.kit_code = b.kit_code
  LEFT JOIN cfg_bricks exact ON exact.kit_code = b.kit_code AND exact.brick_key = b.brick_key
  LEFT JOIN cfg_bricks any_kit ON any_kit.kit_code = '*' AND any_kit.brick_key = b.brick_key
  LEFT JOIN cfg_levels exact_level
    ON exact_level.kit_code = b.kit_code AND exact_level.brick_key = b.brick_key AND exact_level.level = b.value_text
  LEFT JOIN cfg_levels any_level
    ON any_level.kit_code = '*' AND any_level.brick_key = b.brick_key AND any_level.level = b.value_text
),
scaled AS (
  SELECT *,
    CASE value_kind
      -- Without both bounds a number is taken as it is and never clipped: the range of scores is not documented.
      WHEN 'number' THEN coalesce(100 * (value_num - cfg.value_min) / nullif(cfg.value_max - cfg.value_min, 0), value_num)
      WHEN 'boolean' THEN CASE WHEN value_bool THEN 100 ELSE 0 END
      WHEN 'text' THEN cfg_level.points
    END AS upward_points
  FROM meant
)
SELECT
  call_id, kit_code, kit_version_id, brick_key, run_id, origin, finished_at, is_analysed_version, is_eligible,
  value_kind, value_bool, value_num, value_text, value_list, confidence, reason, evidence,
  cfg.role, cfg.label, coalesce(cfg.weight, 1) AS weight, coalesce(cfg.in_deal_score, false) AS in_deal_score,
  coalesce(brick_key = score_brick, cfg.role = 'score' AND NOT is_undecided, false) AS is_score_brick,
  cfg.element, cfg.threshold, cfg_level.meaning,
  CASE WHEN cfg.direction = -1 THEN 100 - upward_points ELSE upward_points END AS points
FROM scaled;

COMMENT ON VIEW brick_points IS 'The answers that speak for a call with their meaning and points, one row a call, kit, version and brick. Made by gong-elt.';
COMMENT ON COLUMN brick_points.call_id IS 'Key. The call.';
COMMENT ON COLUMN brick_points.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN brick_points.kit_version_id IS 'Key, may be NULL. The version of the kit.';
COMMENT ON COLUMN brick_points.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN brick_points.run_id IS 'The run it comes from: newest succeeded, no sandbox run.';
COMMENT ON COLUMN brick_points.origin IS 'connector, or collected: made elsewhere.';
COMMENT ON COLUMN brick_points.finished_at IS 'When the end of the run was first seen.';
COMMENT ON COLUMN brick_points.is_analysed_version IS 'Is it of the version that kit_versions names?';
COMMENT ON COLUMN brick_points.is_eligible IS 'Does the run count in statistics (run_eligibility)?';
COMMENT ON COLUMN brick_points.value_kind IS 'number, boolean, text, list, object, null, or missing.';
COMMENT ON COLUMN brick_points.value_bool IS 'The value of kind boolean.';
COMMENT ON COLUMN brick_points.value_num IS 'The value of kind number; NULL beyond ±1e100.';
COMMENT ON COLUMN brick_points.value_text IS 'The value of kind text.';
COMMENT ON COLUMN brick_points.value_list IS 'The value of kind list, items as text.';
COMMENT ON COLUMN brick_points.confidence IS 'Semarize''s confidence, 0 to 1.';
COMMENT ON COLUMN brick_points.reason IS 'Semarize''s reason.';
COMMENT ON COLUMN brick_points.evidence IS 'Quotes.';
COMMENT ON COLUMN brick_points.role IS 'What the brick is to the marts (cfg_bricks).';
COMMENT ON COLUMN brick_points.label IS 'Name for people (cfg_bricks).';
COMMENT ON COLUMN brick_points.weight IS 'Weight of the signal.';
COMMENT ON COLUMN brick_points.in_deal_score IS 'Is it a signal of the score of a kit without a score brick?';
COMMENT ON COLUMN brick_points.is_score_brick IS 'Is it the score of its kit: the brick named in cfg_kits, else the only brick of role score?';
COMMENT ON COLUMN brick_points.element IS 'Element of the playbook that it checks (cfg_bricks).';
COMMENT ON COLUMN brick_points.threshold IS 'A number that reaches it is good enough (cfg_bricks).';
COMMENT ON COLUMN brick_points.meaning IS 'Meaning of the category (cfg_levels).';
COMMENT ON COLUMN brick_points.points IS 'Number: between value_min (0) and value_max (100), else as it is. Boolean: 100 or 0. Category: cfg_levels. With direction -1: 100 minus that. NULL for lists and absent values.';
