-- needs: stream_runs, kit_versions
-- The version that a kit had before the analysed one, so that a change of version can be told from a change of the calls.
CREATE OR REPLACE VIEW kit_version_changes AS
WITH versions AS (
  SELECT kit_code, kit_version_id, min(requested_at) AS first_requested_at
  FROM stream_runs
  WHERE status = 'succeeded' AND is_sandbox IS NOT TRUE AND kit_code IS NOT NULL
    AND (origin IS DISTINCT FROM 'collected' OR (SELECT value FROM cfg_settings WHERE key = 'include_collected') = 'true')
  GROUP BY kit_code, kit_version_id
)
SELECT k.kit_code, k.kit_version_id, n.first_requested_at AS version_changed_at, f.kit_version_id AS former_version_id
FROM kit_versions k
JOIN versions n ON n.kit_code = k.kit_code AND n.kit_version_id IS NOT DISTINCT FROM k.kit_version_id
JOIN versions f ON f.kit_code = k.kit_code AND f.first_requested_at < n.first_requested_at
QUALIFY row_number() OVER (PARTITION BY k.kit_code ORDER BY f.first_requested_at DESC, f.kit_version_id) = 1;

COMMENT ON VIEW kit_version_changes IS 'Kits that had another version before the analysed one, one row a kit. Made by gong-elt.';
COMMENT ON COLUMN kit_version_changes.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN kit_version_changes.kit_version_id IS 'The analysed version.';
COMMENT ON COLUMN kit_version_changes.version_changed_at IS 'When the first run of the analysed version was asked for.';
COMMENT ON COLUMN kit_version_changes.former_version_id IS 'The version whose first run came last before that; NULL is a version too: its answers named none.';
