-- needs: stream_runs
-- One row per answer. NULL, missing and false stay three things: value_kind tells them apart.
CREATE OR REPLACE VIEW semarize_bricks AS
WITH runs AS (
  SELECT
    run_id, call_id, kit_code, kit_version_id, is_sandbox, origin, finished_at, TRY_CAST(bricks AS JSON) AS document,
    len(json_keys(document)) > len(list_distinct(json_keys(document))) AS repeats_keys
  FROM stream_runs
  WHERE status = 'succeeded' AND json_type(document) = 'OBJECT'
),
elements AS (
  SELECT r.*, e.key AS brick_key, e.value AS v FROM runs r, json_each(r.document) e WHERE NOT repeats_keys
  UNION ALL
  -- Of two answers to one brick the last counts.
  SELECT r.*, e.key, e.value FROM runs r, json_each(r.document) e WHERE repeats_keys
  QUALIFY row_number() OVER (PARTITION BY r.run_id, e.key ORDER BY e.id DESC) = 1
),
answered AS (
  SELECT *, json_type(v, '$.value') AS jt, json_type(v, '$.evidence') AS et, json_type(v, '$.confidence') AS ct,
    TRY_CAST(v ->> '$.value' AS DOUBLE) AS n, TRY_CAST(v ->> '$.confidence' AS DOUBLE) AS c
  FROM elements
)
SELECT
  run_id, brick_key, call_id, kit_code, kit_version_id, is_sandbox, origin, finished_at,
  -- json_type has several names for numbers: a number is what is left after the other kinds.
  CASE
    WHEN jt IS NULL THEN 'missing' WHEN jt = 'NULL' THEN 'null' WHEN jt = 'BOOLEAN' THEN 'boolean'
    WHEN jt = 'VARCHAR' THEN 'text' WHEN jt = 'ARRAY' THEN 'list' WHEN jt = 'OBJECT' THEN 'object' ELSE 'number'
  END AS value_kind,
  CASE WHEN jt = 'BOOLEAN' THEN (v ->> '$.value')::BOOLEAN END AS value_bool,
  -- One absurd number would stop every statistic with "out of range".
  CASE WHEN jt NOT IN ('NULL', 'BOOLEAN', 'VARCHAR', 'ARRAY', 'OBJECT') AND abs(n) < 1e100 THEN n END AS value_num,
  CASE WHEN jt = 'VARCHAR' THEN v ->> '$.value' END AS value_text,
  CASE WHEN jt = 'ARRAY' THEN TRY_CAST(v -> '$.value' AS VARCHAR[]) END AS value_list,
  CASE WHEN ct NOT IN ('VARCHAR', 'BOOLEAN') AND c BETWEEN 0 AND 1 THEN c END AS confidence,
  v ->> '$.reason' AS reason,
  CASE
    WHEN et = 'ARRAY' THEN TRY_CAST(v -> '$.evidence' AS VARCHAR[])
    WHEN et = 'VARCHAR' THEN [v ->> '$.evidence']
  END AS evidence
FROM answered;

COMMENT ON VIEW semarize_bricks IS 'Every answer of every succeeded run, one row a run and brick. Made by gong-elt.';
COMMENT ON COLUMN semarize_bricks.run_id IS 'Key. The run.';
COMMENT ON COLUMN semarize_bricks.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN semarize_bricks.call_id IS 'The call; NULL for a collected run that matches none.';
COMMENT ON COLUMN semarize_bricks.kit_code IS 'The kit.';
COMMENT ON COLUMN semarize_bricks.kit_version_id IS 'The version of the kit; NULL where the answer has none and none was pinned.';
COMMENT ON COLUMN semarize_bricks.is_sandbox IS 'A test run: never in a mart.';
COMMENT ON COLUMN semarize_bricks.origin IS 'connector, or collected: made elsewhere.';
COMMENT ON COLUMN semarize_bricks.finished_at IS 'When the end of the run was first seen.';
COMMENT ON COLUMN semarize_bricks.value_kind IS 'number, boolean, text, list, object, null, or missing (the answer has no value).';
COMMENT ON COLUMN semarize_bricks.value_bool IS 'The value of kind boolean.';
COMMENT ON COLUMN semarize_bricks.value_num IS 'The value of kind number; NULL beyond ±1e100.';
COMMENT ON COLUMN semarize_bricks.value_text IS 'The value of kind text.';
COMMENT ON COLUMN semarize_bricks.value_list IS 'The value of kind list, items as text.';
COMMENT ON COLUMN semarize_bricks.confidence IS 'Semarize''s confidence, 0 to 1; NULL for anything else.';
COMMENT ON COLUMN semarize_bricks.reason IS 'Semarize''s reason.';
COMMENT ON COLUMN semarize_bricks.evidence IS 'Quotes; a single quote is a list of one.';
