-- By hand: Spark has another way into JSON. Of two answers to one brick the last counts (spark.sql.variant.allowDuplicateKeys).
WITH elements AS (
  SELECT r.run_id, r.call_id, r.kit_code, r.kit_version_id, r.is_sandbox, r.origin, r.finished_at, e.key AS brick_key, e.value AS v
  FROM stream_runs AS r, LATERAL variant_explode(try_parse_json(r.bricks)) AS e
  WHERE r.status = 'succeeded' AND schema_of_variant(try_parse_json(r.bricks)) LIKE 'OBJECT<%'
), answered AS (
  SELECT
    *,
    schema_of_variant(try_variant_get(v, '$.value', 'variant')) AS vt,
    schema_of_variant(try_variant_get(v, '$.evidence', 'variant')) AS et,
    schema_of_variant(try_variant_get(v, '$.confidence', 'variant')) AS ct
  FROM elements
), kinds AS (
  SELECT
    *,
    CASE
      WHEN vt IS NULL THEN 'missing' WHEN vt = 'VOID' THEN 'null' WHEN vt = 'BOOLEAN' THEN 'boolean' WHEN vt = 'STRING' THEN 'text'
      WHEN vt LIKE 'ARRAY<%' THEN 'list' WHEN vt LIKE 'OBJECT<%' THEN 'object' ELSE 'number'
    END AS value_kind,
    try_variant_get(v, '$.value', 'double') AS n,
    try_variant_get(v, '$.confidence', 'double') AS c
  FROM answered
)
SELECT
  run_id, brick_key, call_id, kit_code, kit_version_id, is_sandbox, origin, finished_at, value_kind,
  CASE WHEN value_kind = 'boolean' THEN try_variant_get(v, '$.value', 'boolean') END AS value_bool,
  CASE WHEN value_kind = 'number' AND abs(n) < 1e100 THEN n END AS value_num,
  CASE WHEN value_kind = 'text' THEN try_variant_get(v, '$.value', 'string') END AS value_text,
  CASE WHEN value_kind = 'list' THEN try_variant_get(v, '$.value', 'array<string>') END AS value_list,
  CASE WHEN ct NOT IN ('STRING', 'BOOLEAN') AND c BETWEEN 0 AND 1 THEN c END AS confidence,
  try_variant_get(v, '$.reason', 'string') AS reason,
  CASE
    WHEN et LIKE 'ARRAY<%' THEN try_variant_get(v, '$.evidence', 'array<string>')
    WHEN et = 'STRING' THEN array(try_variant_get(v, '$.evidence', 'string'))
  END AS evidence
FROM kinds
