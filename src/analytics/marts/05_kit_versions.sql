-- needs: stream_runs
-- One version per kit is analysed, so that no number mixes two. Versions are compared with IS NOT DISTINCT FROM: an answer
-- may lack its version.
CREATE OR REPLACE VIEW kit_versions AS
WITH versions AS (
  SELECT
    kit_code, kit_version_id, count(*) AS n_runs, min(requested_at) AS first_requested_at,
    -- Runs made elsewhere are left out of statistics by default: they do not choose the version either.
    count_if(origin IS DISTINCT FROM 'collected'
      OR (SELECT value FROM cfg_settings WHERE key = 'include_collected') = 'true') AS n_counted
  FROM stream_runs
  WHERE status = 'succeeded' AND is_sandbox IS NOT TRUE AND kit_code IS NOT NULL
  GROUP BY kit_code, kit_version_id
),
most AS (
  SELECT kit_code, kit_version_id FROM versions
  QUALIFY row_number() OVER (
    PARTITION BY kit_code ORDER BY n_counted DESC, n_runs DESC, first_requested_at DESC NULLS LAST, kit_version_id) = 1
),
newest AS (
  SELECT kit_code, kit_version_id, n_runs, first_requested_at FROM versions
  QUALIFY row_number() OVER (PARTITION BY kit_code ORDER BY first_requested_at DESC NULLS LAST, kit_version_id) = 1
),
chosen AS (
  SELECT
    m.kit_code, k.position, k.label, k.purpose, k.score_brick, k.win_threshold, k.grounded_on,
    coalesce(k.kit_version_id, m.kit_version_id) AS kit_version_id,
    CASE WHEN k.kit_version_id IS NULL THEN 'most_runs' ELSE 'settings' END AS version_source
  FROM most m LEFT JOIN cfg_kits k ON k.kit_code = m.kit_code
),
-- The version that was in use just before the analysed one.
former AS (
  SELECT c.kit_code, v.kit_version_id, v.n_runs, a.first_requested_at AS changed_at
  FROM chosen c
  JOIN versions a ON a.kit_code = c.kit_code AND a.kit_version_id IS NOT DISTINCT FROM c.kit_version_id
  JOIN versions v ON v.kit_code = c.kit_code AND v.first_requested_at < a.first_requested_at
  QUALIFY row_number() OVER (PARTITION BY c.kit_code ORDER BY v.first_requested_at DESC, v.kit_version_id) = 1
)
SELECT
  c.kit_code, c.kit_version_id, c.version_source, coalesce(v.n_runs, 0) AS n_runs,
  CASE WHEN n.first_requested_at > v.first_requested_at THEN n.kit_version_id END AS newer_version_id,
  CASE WHEN n.first_requested_at > v.first_requested_at THEN n.n_runs END AS newer_n_runs,
  coalesce(c.label, c.kit_code) AS kit_label, c.purpose, c.score_brick, c.win_threshold, c.grounded_on,
  c.position, f.changed_at AS version_changed_at, f.kit_code IS NOT NULL AS has_former_version,
  f.kit_version_id AS former_version_id, f.n_runs AS former_n_runs
FROM chosen c
LEFT JOIN versions v ON v.kit_code = c.kit_code AND v.kit_version_id IS NOT DISTINCT FROM c.kit_version_id
LEFT JOIN newest n ON n.kit_code = c.kit_code
LEFT JOIN former f ON f.kit_code = c.kit_code;

COMMENT ON VIEW kit_versions IS 'The version of each kit that the marts analyse, one row a kit. Made by gong-elt.';
COMMENT ON COLUMN kit_versions.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN kit_versions.kit_version_id IS 'The analysed version; NULL is a version too: the answers named none.';
COMMENT ON COLUMN kit_versions.version_source IS 'settings: pinned in analytics.yaml; most_runs: the version with most runs that count.';
COMMENT ON COLUMN kit_versions.n_runs IS 'Succeeded runs of that version, sandbox runs left out.';
COMMENT ON COLUMN kit_versions.newer_version_id IS 'A version that was first used later than the analysed one.';
COMMENT ON COLUMN kit_versions.newer_n_runs IS 'Succeeded runs of the newer version.';
COMMENT ON COLUMN kit_versions.kit_label IS 'Name for people, else the code.';
COMMENT ON COLUMN kit_versions.purpose IS 'As in cfg_kits.';
COMMENT ON COLUMN kit_versions.score_brick IS 'As in cfg_kits.';
COMMENT ON COLUMN kit_versions.win_threshold IS 'As in cfg_kits.';
COMMENT ON COLUMN kit_versions.position IS 'As in cfg_kits.';
COMMENT ON COLUMN kit_versions.grounded_on IS 'As in cfg_kits.';
COMMENT ON COLUMN kit_versions.version_changed_at IS 'When the analysed version was first used after another one; NULL when it is the first.';
COMMENT ON COLUMN kit_versions.has_former_version IS 'Was another version in use before?';
COMMENT ON COLUMN kit_versions.former_version_id IS 'The version that was in use just before; NULL is a version too where has_former_version.';
COMMENT ON COLUMN kit_versions.former_n_runs IS 'Succeeded runs of the former version.';
