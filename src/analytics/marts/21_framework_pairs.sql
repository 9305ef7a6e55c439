-- needs: kit_versions, kit_version_changes
-- Which kits are compared. No name is special: a is the kit that stands first in the settings, then by code.
CREATE OR REPLACE VIEW framework_pairs AS
WITH kits AS (
  SELECT k.kit_code, k.kit_label, k.kit_version_id, k.win_threshold, v.version_changed_at, v.former_version_id,
    row_number() OVER (ORDER BY k.position NULLS LAST, k.kit_code) AS place
  FROM kit_versions k LEFT JOIN kit_version_changes v ON v.kit_code = k.kit_code
  WHERE k.purpose IS NULL OR k.purpose = 'framework'
)
SELECT
  a.kit_code AS kit_code_a, b.kit_code AS kit_code_b, a.kit_label AS kit_label_a, b.kit_label AS kit_label_b,
  a.kit_version_id AS kit_version_id_a, b.kit_version_id AS kit_version_id_b,
  a.win_threshold AS win_threshold_a, b.win_threshold AS win_threshold_b,
  a.version_changed_at AS version_changed_at_a, a.former_version_id AS former_version_id_a,
  b.version_changed_at AS version_changed_at_b, b.former_version_id AS former_version_id_b
FROM kits a
JOIN kits b ON a.place < b.place;

COMMENT ON VIEW framework_pairs IS 'Kits that can be compared as frameworks, one row a pair. Made by gong-elt.';
COMMENT ON COLUMN framework_pairs.kit_code_a IS 'Key. The kit that stands first in analytics.yaml; without settings, by code.';
COMMENT ON COLUMN framework_pairs.kit_code_b IS 'Key. The other kit.';
COMMENT ON COLUMN framework_pairs.kit_label_a IS 'Name of kit a.';
COMMENT ON COLUMN framework_pairs.kit_label_b IS 'Name of kit b.';
COMMENT ON COLUMN framework_pairs.kit_version_id_a IS 'Analysed version of kit a.';
COMMENT ON COLUMN framework_pairs.kit_version_id_b IS 'Analysed version of kit b.';
COMMENT ON COLUMN framework_pairs.win_threshold_a IS 'As in cfg_kits.';
COMMENT ON COLUMN framework_pairs.win_threshold_b IS 'As in cfg_kits.';
COMMENT ON COLUMN framework_pairs.version_changed_at_a IS 'When the analysed version of kit a was first asked for, if the kit had another one before.';
COMMENT ON COLUMN framework_pairs.former_version_id_a IS 'The version of kit a before.';
COMMENT ON COLUMN framework_pairs.version_changed_at_b IS 'The same of kit b.';
COMMENT ON COLUMN framework_pairs.former_version_id_b IS 'The version of kit b before.';
