-- needs: retest_pairs, kit_versions
-- How often a kit answers the same when it is asked again, and what analyze found of its reliability. Agreement with people comes
-- from analyze alone: the stream of scorecards is optional.
CREATE OR REPLACE VIEW mart_scorer_trust AS
WITH counted AS (
  SELECT kit_code, kit_version_id, brick_key, value_kind, 'test_retest' AS comparison,
    CASE WHEN grouping(month) = 0 THEN month END AS month, NULL::VARCHAR AS reviewer, count(*) AS n_pairs,
    count_if(is_equal)::BIGINT AS n_equal
  FROM retest_pairs
  GROUP BY GROUPING SETS ((kit_code, kit_version_id, brick_key, value_kind), (kit_code, kit_version_id, brick_key, value_kind, month))
  UNION ALL
  SELECT kit_code, kit_version_id, brick_key, value_kind, comparison, month, reviewer, n_pairs, n_equal
  FROM an_scorer_trust WHERE comparison = 'human'
)
SELECT
  c.kit_code, c.kit_version_id, c.brick_key, c.value_kind, c.comparison, c.month, c.reviewer, k.kit_label,
  coalesce(c.kit_version_id IS NOT DISTINCT FROM k.kit_version_id, false) AS is_analysed_version, c.n_pairs, c.n_equal,
  c.n_equal / c.n_pairs::DOUBLE AS share_equal,
  greatest(0, (c.n_equal + 1.9207294103470627e0 - 1.959963984540054e0 * sqrt(c.n_equal * (c.n_pairs - c.n_equal) / c.n_pairs::DOUBLE + 0.9603647051735313e0)) / (c.n_pairs + 3.8414588206941254e0)) AS share_equal_low,
  least(1, (c.n_equal + 1.9207294103470627e0 + 1.959963984540054e0 * sqrt(c.n_equal * (c.n_pairs - c.n_equal) / c.n_pairs::DOUBLE + 0.9603647051735313e0)) / (c.n_pairs + 3.8414588206941254e0)) AS share_equal_high,
  a.statistic, a.reliability, a.reliability_low, a.reliability_high, a.drift, greatest(0, 30 - c.n_pairs) AS pairs_missing,
  a.analyzed_as_of,
  CASE WHEN a.analysis_id IS NOT NULL THEN a.n_pairs <> c.n_pairs OR a.n_equal <> c.n_equal END AS is_stale
FROM counted c
LEFT JOIN kit_versions k ON k.kit_code = c.kit_code
LEFT JOIN an_scorer_trust a ON a.kit_code = c.kit_code AND a.kit_version_id IS NOT DISTINCT FROM c.kit_version_id
  AND a.brick_key = c.brick_key AND a.value_kind = c.value_kind AND a.comparison = c.comparison
  AND a.month IS NOT DISTINCT FROM c.month AND a.reviewer IS NOT DISTINCT FROM c.reviewer;

COMMENT ON VIEW mart_scorer_trust IS 'Can the scorer be trusted: a kit against itself and against people, one row a kit version, brick, kind of value, comparison, month and reviewer. Made by gong-elt.';
COMMENT ON COLUMN mart_scorer_trust.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_scorer_trust.kit_version_id IS 'Key, may be NULL. The version of the kit.';
COMMENT ON COLUMN mart_scorer_trust.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN mart_scorer_trust.value_kind IS 'Key. number, boolean, text or list.';
COMMENT ON COLUMN mart_scorer_trust.comparison IS 'Key. test_retest: two runs of the same text and version; human: an answered scorecard and the kit.';
COMMENT ON COLUMN mart_scorer_trust.month IS 'Key. First day of the month of the later run; NULL: all months.';
COMMENT ON COLUMN mart_scorer_trust.reviewer IS 'Key. Who answered the scorecard; NULL: all.';
COMMENT ON COLUMN mart_scorer_trust.kit_label IS 'Name of the kit.';
COMMENT ON COLUMN mart_scorer_trust.is_analysed_version IS 'Is it the version that the other marts analyse?';
COMMENT ON COLUMN mart_scorer_trust.n_pairs IS 'Pairs of answers.';
COMMENT ON COLUMN mart_scorer_trust.n_equal IS 'Of these, equal ones; one value and one null are not.';
COMMENT ON COLUMN mart_scorer_trust.share_equal IS 'n_equal of n_pairs.';
COMMENT ON COLUMN mart_scorer_trust.share_equal_low IS '95 % Wilson limit of share_equal.';
COMMENT ON COLUMN mart_scorer_trust.share_equal_high IS '95 % Wilson limit of share_equal.';
COMMENT ON COLUMN mart_scorer_trust.statistic IS 'icc, kappa or r (an_scorer_trust); NULL without an analysis, and for lists.';
COMMENT ON COLUMN mart_scorer_trust.reliability IS 'The statistic: 1 for perfect agreement, 0 for what chance would give.';
COMMENT ON COLUMN mart_scorer_trust.reliability_low IS '95 % limit of reliability.';
COMMENT ON COLUMN mart_scorer_trust.reliability_high IS '95 % limit of reliability.';
COMMENT ON COLUMN mart_scorer_trust.drift IS 'All months: does the interval of the newest month leave out the value of the months before? NULL with one month.';
COMMENT ON COLUMN mart_scorer_trust.pairs_missing IS 'Pairs that are missing for r_corrected in mart_win_correlation.';
COMMENT ON COLUMN mart_scorer_trust.analyzed_as_of IS 'State of the data that was analysed; NULL without an analysis.';
COMMENT ON COLUMN mart_scorer_trust.is_stale IS 'Have the pairs changed since the analysis? NULL without one.';
