-- needs: mart_call_scores, kit_versions, kit_version_changes, brick_points, eligible_calls
-- Which kits are compared, and what only one of them scored. No name is special: a is the kit that stands first in the settings,
-- then by code.
CREATE OR REPLACE VIEW framework_pairs AS
WITH scores AS (
  SELECT kit_code, call_id, opportunity_id, is_eligible FROM mart_call_scores WHERE score IS NOT NULL
),
-- Under the version before, the score of a kit that has a score brick.
former_deals AS (
  SELECT p.kit_code, e.opportunity_id, any_value(e.is_won)::INTEGER AS won, round(avg(p.points), 9) AS score
  FROM kit_version_changes v
  JOIN brick_points p ON p.kit_code = v.kit_code AND p.kit_version_id IS NOT DISTINCT FROM v.former_version_id
    AND p.is_score_brick AND p.points IS NOT NULL
    AND (p.origin IS DISTINCT FROM 'collected' OR (SELECT value FROM cfg_settings WHERE key = 'include_collected') = 'true')
  JOIN eligible_calls e ON e.call_id = p.call_id
  GROUP BY p.kit_code, e.opportunity_id
),
former AS (
  SELECT kit_code, count(*) AS n_deals,
    CASE WHEN count(*) >= 30 AND sum(won) >= 10 AND count(*) - sum(won) >= 10 AND min(score) < max(score)
      THEN corr(score, won ORDER BY opportunity_id) END AS r
  FROM former_deals GROUP BY kit_code
),
kits AS (
  SELECT k.kit_code, k.kit_label, k.kit_version_id, k.win_threshold, v.version_changed_at, v.former_version_id, f.r AS former_r,
    row_number() OVER (ORDER BY k.position NULLS LAST, k.kit_code) AS place
  FROM kit_versions k
  LEFT JOIN kit_version_changes v ON v.kit_code = k.kit_code
  LEFT JOIN former f ON f.kit_code = k.kit_code
  WHERE (k.purpose IS NULL OR k.purpose = 'framework') AND k.kit_code IN (SELECT kit_code FROM scores)
),
scored AS (SELECT kit_code, call_id, opportunity_id FROM scores WHERE is_eligible),
counts AS (SELECT kit_code, count(*) AS n_calls, count(DISTINCT opportunity_id) AS n_deals FROM scored GROUP BY kit_code),
calls_of_both AS (
  SELECT a.kit_code AS kit_code_a, b.kit_code AS kit_code_b, count(*) AS n FROM scored a JOIN scored b ON b.call_id = a.call_id
  GROUP BY a.kit_code, b.kit_code
),
deals AS (SELECT DISTINCT kit_code, opportunity_id FROM scored),
deals_of_both AS (
  SELECT a.kit_code AS kit_code_a, b.kit_code AS kit_code_b, count(*) AS n FROM deals a JOIN deals b ON b.opportunity_id = a.opportunity_id
  GROUP BY a.kit_code, b.kit_code
)
SELECT
  a.kit_code AS kit_code_a, b.kit_code AS kit_code_b, a.kit_label AS kit_label_a, b.kit_label AS kit_label_b,
  a.kit_version_id AS kit_version_id_a, b.kit_version_id AS kit_version_id_b,
  a.win_threshold AS win_threshold_a, b.win_threshold AS win_threshold_b,
  coalesce(ca.n_deals, 0) - coalesce(d.n, 0) AS n_only_a, coalesce(cb.n_deals, 0) - coalesce(d.n, 0) AS n_only_b,
  coalesce(ca.n_calls, 0) - coalesce(c.n, 0) AS n_only_calls_a, coalesce(cb.n_calls, 0) - coalesce(c.n, 0) AS n_only_calls_b,
  a.version_changed_at AS version_changed_at_a, a.former_version_id AS former_version_id_a, a.former_r AS former_win_correlation_a,
  b.version_changed_at AS version_changed_at_b, b.former_version_id AS former_version_id_b, b.former_r AS former_win_correlation_b
FROM kits a
JOIN kits b ON a.place < b.place
LEFT JOIN counts ca ON ca.kit_code = a.kit_code
LEFT JOIN counts cb ON cb.kit_code = b.kit_code
LEFT JOIN calls_of_both c ON c.kit_code_a = a.kit_code AND c.kit_code_b = b.kit_code
LEFT JOIN deals_of_both d ON d.kit_code_a = a.kit_code AND d.kit_code_b = b.kit_code;

COMMENT ON VIEW framework_pairs IS 'Kits that are compared as frameworks, one row a pair. Made by gong-elt.';
COMMENT ON COLUMN framework_pairs.kit_code_a IS 'Key. The kit that stands first in analytics.yaml; without settings, by code.';
COMMENT ON COLUMN framework_pairs.kit_code_b IS 'Key. The other kit.';
COMMENT ON COLUMN framework_pairs.kit_label_a IS 'Name of kit a.';
COMMENT ON COLUMN framework_pairs.kit_label_b IS 'Name of kit b.';
COMMENT ON COLUMN framework_pairs.kit_version_id_a IS 'Analysed version of kit a.';
COMMENT ON COLUMN framework_pairs.kit_version_id_b IS 'Analysed version of kit b.';
COMMENT ON COLUMN framework_pairs.win_threshold_a IS 'As in cfg_kits.';
COMMENT ON COLUMN framework_pairs.win_threshold_b IS 'As in cfg_kits.';
COMMENT ON COLUMN framework_pairs.n_only_a IS 'Closed deals with eligible calls that kit a scored and kit b did not score at all; they are in no number beside.';
COMMENT ON COLUMN framework_pairs.n_only_b IS 'Closed deals with eligible calls that kit b scored and kit a did not score at all.';
COMMENT ON COLUMN framework_pairs.n_only_calls_a IS 'Eligible calls that kit a alone scored.';
COMMENT ON COLUMN framework_pairs.n_only_calls_b IS 'Eligible calls that kit b alone scored.';
COMMENT ON COLUMN framework_pairs.version_changed_at_a IS 'When the analysed version of kit a was first asked for, if the kit had another one before.';
COMMENT ON COLUMN framework_pairs.former_version_id_a IS 'The version of kit a before.';
COMMENT ON COLUMN framework_pairs.former_win_correlation_a IS 'Correlation of the score brick of kit a with winning under its former version, over all deals that it scored; NULL under 30 deals or 10 of either outcome.';
COMMENT ON COLUMN framework_pairs.version_changed_at_b IS 'The same of kit b.';
COMMENT ON COLUMN framework_pairs.former_version_id_b IS 'The version of kit b before.';
COMMENT ON COLUMN framework_pairs.former_win_correlation_b IS 'The same of kit b.';
