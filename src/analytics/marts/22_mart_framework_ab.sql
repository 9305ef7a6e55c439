-- needs: framework_pairs, framework_deals
-- Two kits on the same calls of the same deals. Never two separate intervals: the difference has its own, for two correlations that
-- share the outcome (Zou 2007, Psychological Methods 12, 399-413).
CREATE OR REPLACE VIEW mart_framework_ab AS
WITH seen AS (SELECT * FROM framework_deals),
-- What only one kit scored, of pairs of kits that have a score at all.
alone AS (
  SELECT kit_code_a, kit_code_b, coalesce(sum(n_calls_a - n_calls) FILTER (opportunity_id IS NOT NULL), 0)::BIGINT AS n_only_calls_a,
    coalesce(sum(n_calls_b - n_calls) FILTER (opportunity_id IS NOT NULL), 0)::BIGINT AS n_only_calls_b,
    count_if(opportunity_id IS NOT NULL AND n_calls_b = 0)::BIGINT AS n_only_a,
    count_if(opportunity_id IS NOT NULL AND n_calls_a = 0)::BIGINT AS n_only_b
  FROM seen GROUP BY kit_code_a, kit_code_b HAVING sum(n_calls_a) > 0 AND sum(n_calls_b) > 0
),
pairs AS (FROM framework_pairs JOIN alone USING (kit_code_a, kit_code_b)),
scored AS (FROM seen WHERE is_older IS NOT NULL),
estimates AS (
  SELECT kit_code_a, kit_code_b, sum(n_calls)::BIGINT AS n_common_calls, count(*) AS n_deals, count_if(is_won)::BIGINT AS n_won,
    count_if(NOT is_won)::BIGINT AS n_lost, avg(score_a ORDER BY opportunity_id) AS avg_score_a, avg(score_b ORDER BY opportunity_id) AS avg_score_b,
    corr(score_a, is_won::INTEGER ORDER BY opportunity_id) AS r_a, corr(score_b, is_won::INTEGER ORDER BY opportunity_id) AS r_b,
    corr(score_a, score_b ORDER BY opportunity_id) AS r_ab,
    CASE
      WHEN count(*) > 1 AND (min(score_a) = max(score_a) OR min(score_b) = max(score_b) OR min(is_won) = max(is_won)) THEN 'no_variation'
      WHEN count(*) < 30 OR count_if(is_won) < 10 OR count_if(NOT is_won) < 10 THEN 'too_few'
      WHEN count(*) < 100 OR count_if(is_won) < 20 OR count_if(NOT is_won) < 20 THEN 'indicative'
      ELSE 'usable'
    END AS verdict,
    verdict IN ('indicative', 'usable') AS is_estimated
  FROM scored GROUP BY kit_code_a, kit_code_b
),
-- From here on a row is a deal, seen by one side of a pair.
sides AS (
  SELECT kit_code_a, kit_code_b, 'a' AS side, opportunity_id, is_won, is_older, score_a AS score FROM scored UNION ALL
  SELECT kit_code_a, kit_code_b, 'b', opportunity_id, is_won, is_older, score_b FROM scored
),
-- Every score as a threshold: predicted win = score ≥ threshold (a window's peers share its value).
curve AS (
  SELECT kit_code_a, kit_code_b, side, is_won,
    rank() OVER (PARTITION BY kit_code_a, kit_code_b, side ORDER BY score)
      + (count(*) OVER (PARTITION BY kit_code_a, kit_code_b, side, score) - 1) / 2e0 AS score_rank,
    count_if(is_won) OVER at_least AS tp, count_if(NOT is_won) OVER at_least AS fp,
    count_if(is_won) OVER whole AS n_won, count_if(NOT is_won) OVER whole AS n_lost
  FROM sides
  WINDOW at_least AS (PARTITION BY kit_code_a, kit_code_b, side ORDER BY score DESC), whole AS (PARTITION BY kit_code_a, kit_code_b, side)
),
ranks AS (
  SELECT kit_code_a, kit_code_b, side,
    (sum(score_rank) FILTER (is_won) - any_value(n_won) * (any_value(n_won) + 1) / 2e0)
      / nullif(any_value(n_won)::DOUBLE * any_value(n_lost), 0) AS auc,
    min(fp) FILTER (tp * 5 >= n_won * 4) / nullif(any_value(n_lost), 0)::DOUBLE AS fpr_at_tpr80
  FROM curve GROUP BY kit_code_a, kit_code_b, side
),
older AS (
  SELECT kit_code_a, kit_code_b, side, score, count_if(is_won) OVER at_least AS tp, count_if(NOT is_won) OVER at_least AS fp,
    count_if(is_won) OVER whole AS won_older, count_if(NOT is_won) OVER whole AS lost_older
  -- Too few deals choose nothing.
  FROM sides JOIN estimates USING (kit_code_a, kit_code_b) WHERE is_older AND is_estimated
  WINDOW at_least AS (PARTITION BY kit_code_a, kit_code_b, side ORDER BY score DESC), whole AS (PARTITION BY kit_code_a, kit_code_b, side)
),
-- Largest TPR − FPR = tp/won_older − fp/lost_older, compared as whole numbers; of equals the highest threshold.
chosen AS (
  SELECT kit_code_a, kit_code_b, side, score AS threshold FROM older WHERE won_older > 0 AND lost_older > 0
  QUALIFY row_number() OVER (PARTITION BY kit_code_a, kit_code_b, side ORDER BY tp * lost_older - fp * won_older DESC, score DESC) = 1
),
thresholds AS (
  SELECT p.kit_code_a, p.kit_code_b,
    coalesce(p.win_threshold_a, a.threshold) AS threshold_a, coalesce(p.win_threshold_b, b.threshold) AS threshold_b,
    p.win_threshold_a IS NOT NULL AND p.win_threshold_b IS NOT NULL AS is_configured, coalesce(p.win_threshold_a, p.win_threshold_b) IS NULL AS is_chosen
  FROM pairs p
  LEFT JOIN chosen a ON a.side = 'a' AND a.kit_code_a = p.kit_code_a AND a.kit_code_b = p.kit_code_b
  LEFT JOIN chosen b ON b.side = 'b' AND b.kit_code_a = p.kit_code_a AND b.kit_code_b = p.kit_code_b
),
-- Both sides are tested on the same deals: the newer half as soon as one threshold was chosen on the older.
tested AS (
  SELECT t.kit_code_a, t.kit_code_b, any_value(t.threshold_a) AS threshold_a, any_value(t.threshold_b) AS threshold_b,
    CASE WHEN any_value(t.is_configured) THEN 'settings' WHEN any_value(t.is_chosen) THEN 'older_half' ELSE 'mixed' END AS threshold_source,
    count_if(s.is_won AND s.score_a >= t.threshold_a)::BIGINT AS tp_a, count_if(NOT s.is_won AND s.score_a >= t.threshold_a)::BIGINT AS fp_a,
    count_if(NOT s.is_won AND s.score_a < t.threshold_a)::BIGINT AS tn_a, count_if(s.is_won AND s.score_a < t.threshold_a)::BIGINT AS fn_a,
    count_if(s.is_won AND s.score_b >= t.threshold_b)::BIGINT AS tp_b, count_if(NOT s.is_won AND s.score_b >= t.threshold_b)::BIGINT AS fp_b,
    count_if(NOT s.is_won AND s.score_b < t.threshold_b)::BIGINT AS tn_b, count_if(s.is_won AND s.score_b < t.threshold_b)::BIGINT AS fn_b
  FROM thresholds t
  LEFT JOIN scored s ON s.kit_code_a = t.kit_code_a AND s.kit_code_b = t.kit_code_b AND (t.is_configured OR NOT s.is_older)
  WHERE t.threshold_a IS NOT NULL AND t.threshold_b IS NOT NULL
  GROUP BY t.kit_code_a, t.kit_code_b
),
-- Wilson limits of k of n, for every rate below.
rates AS (
  SELECT fp_a AS k, fp_a + tn_a AS n FROM tested UNION SELECT fp_b, fp_b + tn_b FROM tested
  UNION SELECT fp_a, fp_a + tp_a FROM tested UNION SELECT fp_b, fp_b + tp_b FROM tested
  UNION SELECT tp_a, tp_a + fn_a FROM tested UNION SELECT tp_b, tp_b + fn_b FROM tested
),
wilson AS (
  SELECT k, n, k / n::DOUBLE AS rate,
    greatest(0, (k + 1.9207294103470627e0 - 1.959963984540054e0 * sqrt(k * (n - k) / n::DOUBLE + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) AS low,
    least(1, (k + 1.9207294103470627e0 + 1.959963984540054e0 * sqrt(k * (n - k) / n::DOUBLE + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) AS high
  FROM rates WHERE n > 0
),
joined AS (
  -- corr of a constant is NaN: there it has no verdict that is estimated.
  SELECT p.*, coalesce(e.n_common_calls, 0) AS n_common_calls, coalesce(e.n_deals, 0) AS n_deals, coalesce(e.n_won, 0) AS n_won,
    coalesce(e.n_lost, 0) AS n_lost, e.avg_score_a, e.avg_score_b,
    CASE WHEN e.is_estimated THEN e.r_a END AS r_a, CASE WHEN e.is_estimated THEN e.r_b END AS r_b, CASE WHEN e.is_estimated THEN e.r_ab END AS r_ab,
    coalesce(e.verdict, 'no_outcome') AS verdict, coalesce(e.is_estimated, false) AS is_estimated
  FROM pairs p LEFT JOIN estimates e ON e.kit_code_a = p.kit_code_a AND e.kit_code_b = p.kit_code_b
),
limited AS (
  SELECT *, CASE WHEN abs(r_a) < 1 THEN tanh(atanh(r_a) - 1.959963984540054e0 / sqrt(n_deals - 3)) END AS low_a,
    CASE WHEN abs(r_a) < 1 THEN tanh(atanh(r_a) + 1.959963984540054e0 / sqrt(n_deals - 3)) END AS high_a,
    CASE WHEN abs(r_b) < 1 THEN tanh(atanh(r_b) - 1.959963984540054e0 / sqrt(n_deals - 3)) END AS low_b,
    CASE WHEN abs(r_b) < 1 THEN tanh(atanh(r_b) + 1.959963984540054e0 / sqrt(n_deals - 3)) END AS high_b,
    -- Above Fisher's limits, here the correlation of the two correlations.
    CASE WHEN abs(r_a) < 1 AND abs(r_b) < 1 THEN
      ((r_ab - r_a * r_b / 2) * (1 - r_a * r_a - r_b * r_b - r_ab * r_ab) + r_ab * r_ab * r_ab) / ((1 - r_a * r_a) * (1 - r_b * r_b))
    END AS r_of_r
  FROM joined
),
-- A root of what is 0 but for its last bits must not fail; greatest passes over NULL, so r_of_r is asked first.
differing AS (
  SELECT *,
    CASE WHEN r_of_r IS NOT NULL THEN r_a - r_b
      - sqrt(greatest(0, (r_a - low_a) ** 2 + (high_b - r_b) ** 2 - 2 * r_of_r * (r_a - low_a) * (high_b - r_b))) END AS difference_low,
    CASE WHEN r_of_r IS NOT NULL THEN r_a - r_b
      + sqrt(greatest(0, (high_a - r_a) ** 2 + (r_b - low_b) ** 2 - 2 * r_of_r * (high_a - r_a) * (r_b - low_b))) END AS difference_high
  FROM limited
)
SELECT
  j.kit_code_a, j.kit_code_b, j.kit_label_a, j.kit_label_b, j.kit_version_id_a, j.kit_version_id_b,
  j.n_common_calls, j.n_deals, j.n_won, j.n_lost, j.avg_score_a, j.avg_score_b,
  j.n_only_a, j.n_only_b, j.n_only_calls_a, j.n_only_calls_b,
  j.r_a AS win_correlation_a, j.low_a AS win_correlation_a_low, j.high_a AS win_correlation_a_high,
  j.r_b AS win_correlation_b, j.low_b AS win_correlation_b_low, j.high_b AS win_correlation_b_high,
  j.r_ab, j.r_a - j.r_b AS difference, j.difference_low, j.difference_high,
  CASE WHEN j.r_a > 0 AND j.r_b > 0 THEN greatest(j.r_a, j.r_b) / least(j.r_a, j.r_b) - 1 END AS relative_gain,
  an.relative_gain_low, an.relative_gain_high,
  an.williams_t, an.p_value,
  CASE WHEN j.is_estimated THEN ra.auc END AS auc_a, CASE WHEN j.is_estimated THEN rb.auc END AS auc_b,
  CASE WHEN j.is_estimated THEN ra.auc - rb.auc END AS auc_difference, an.auc_difference_low, an.auc_difference_high,
  t.threshold_a, t.threshold_b, t.threshold_source, CASE WHEN t.threshold_source = 'older_half' THEN 'no' WHEN t.threshold_source IS NOT NULL THEN 'unknown' END AS in_sample,
  t.tp_a, t.fp_a, t.tn_a, t.fn_a, t.tp_b, t.fp_b, t.tn_b, t.fn_b,
  tpr_a.rate AS tpr_a, tpr_a.low AS tpr_a_low, tpr_a.high AS tpr_a_high,
  tpr_b.rate AS tpr_b, tpr_b.low AS tpr_b_low, tpr_b.high AS tpr_b_high,
  fpr_a.rate AS fpr_a, fpr_a.low AS fpr_a_low, fpr_a.high AS fpr_a_high,
  fpr_b.rate AS fpr_b, fpr_b.low AS fpr_b_low, fpr_b.high AS fpr_b_high,
  fdr_a.rate AS fdr_a, fdr_a.low AS fdr_a_low, fdr_a.high AS fdr_a_high,
  fdr_b.rate AS fdr_b, fdr_b.low AS fdr_b_low, fdr_b.high AS fdr_b_high,
  CASE WHEN j.is_estimated THEN ra.fpr_at_tpr80 END AS fpr_at_tpr80_a, CASE WHEN j.is_estimated THEN rb.fpr_at_tpr80 END AS fpr_at_tpr80_b,
  an.mcnemar_p,
  CASE
    WHEN j.difference_low > 0 THEN 'a' WHEN j.difference_high < 0 THEN 'b'
    WHEN j.difference_low IS NOT NULL OR j.verdict = 'too_few' THEN 'undecided'
  END AS winner,
  j.verdict,
  greatest(0, 30 - j.n_deals) AS deals_missing, greatest(0, 10 - j.n_won) AS won_missing, greatest(0, 10 - j.n_lost) AS lost_missing,
  j.version_changed_at_a, j.former_version_id_a, j.version_changed_at_b, j.former_version_id_b, an.analyzed_as_of,
  -- Sums in another order differ in their last bits: that is no news.
  CASE WHEN an.analysis_id IS NOT NULL THEN an.n_deals <> j.n_deals OR an.n_won <> j.n_won
    OR abs(coalesce(an.difference, 9) - coalesce(j.r_a - j.r_b, 9)) > 1e-9 END AS is_stale
FROM differing j
LEFT JOIN ranks ra ON ra.side = 'a' AND ra.kit_code_a = j.kit_code_a AND ra.kit_code_b = j.kit_code_b
LEFT JOIN ranks rb ON rb.side = 'b' AND rb.kit_code_a = j.kit_code_a AND rb.kit_code_b = j.kit_code_b
LEFT JOIN tested t ON t.kit_code_a = j.kit_code_a AND t.kit_code_b = j.kit_code_b
LEFT JOIN wilson tpr_a ON j.is_estimated AND tpr_a.k = t.tp_a AND tpr_a.n = t.tp_a + t.fn_a
LEFT JOIN wilson tpr_b ON j.is_estimated AND tpr_b.k = t.tp_b AND tpr_b.n = t.tp_b + t.fn_b
LEFT JOIN wilson fpr_a ON j.is_estimated AND fpr_a.k = t.fp_a AND fpr_a.n = t.fp_a + t.tn_a
LEFT JOIN wilson fpr_b ON j.is_estimated AND fpr_b.k = t.fp_b AND fpr_b.n = t.fp_b + t.tn_b
LEFT JOIN wilson fdr_a ON j.is_estimated AND fdr_a.k = t.fp_a AND fdr_a.n = t.fp_a + t.tp_a
LEFT JOIN wilson fdr_b ON j.is_estimated AND fdr_b.k = t.fp_b AND fdr_b.n = t.fp_b + t.tp_b
LEFT JOIN an_framework_ab an ON an.kit_code_a = j.kit_code_a AND an.kit_code_b = j.kit_code_b
  AND an.kit_version_id_a IS NOT DISTINCT FROM j.kit_version_id_a AND an.kit_version_id_b IS NOT DISTINCT FROM j.kit_version_id_b;

COMMENT ON VIEW mart_framework_ab IS 'Two kits on the same calls: which one goes more with winning, one row a pair of kits; the deal is the unit. Made by gong-elt.';
COMMENT ON COLUMN mart_framework_ab.kit_code_a IS 'Key. The kit that stands first in analytics.yaml; without settings, by code.';
COMMENT ON COLUMN mart_framework_ab.kit_code_b IS 'Key. The other kit.';
COMMENT ON COLUMN mart_framework_ab.kit_label_a IS 'Name of kit a.';
COMMENT ON COLUMN mart_framework_ab.kit_label_b IS 'Name of kit b.';
COMMENT ON COLUMN mart_framework_ab.kit_version_id_a IS 'Analysed version of kit a.';
COMMENT ON COLUMN mart_framework_ab.kit_version_id_b IS 'Analysed version of kit b.';
COMMENT ON COLUMN mart_framework_ab.n_common_calls IS 'Eligible calls that both kits scored.';
COMMENT ON COLUMN mart_framework_ab.n_deals IS 'Closed deals of these calls.';
COMMENT ON COLUMN mart_framework_ab.n_won IS 'Of these, won.';
COMMENT ON COLUMN mart_framework_ab.n_lost IS 'Of these, lost.';
COMMENT ON COLUMN mart_framework_ab.avg_score_a IS 'Mean over the deals of the score of kit a (a deal''s score is the mean over its common calls).';
COMMENT ON COLUMN mart_framework_ab.avg_score_b IS 'Mean over the deals of the score of kit b.';
COMMENT ON COLUMN mart_framework_ab.n_only_a IS 'Closed deals with eligible calls that kit a scored and kit b did not score at all; they are in no number beside.';
COMMENT ON COLUMN mart_framework_ab.n_only_b IS 'Closed deals with eligible calls that kit b scored and kit a did not score at all.';
COMMENT ON COLUMN mart_framework_ab.n_only_calls_a IS 'Eligible calls that kit a alone scored.';
COMMENT ON COLUMN mart_framework_ab.n_only_calls_b IS 'Eligible calls that kit b alone scored.';
COMMENT ON COLUMN mart_framework_ab.win_correlation_a IS 'Point-biserial correlation of score a with winning. NULL unless the verdict is indicative or usable.';
COMMENT ON COLUMN mart_framework_ab.win_correlation_a_low IS '95 % Fisher limit; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_framework_ab.win_correlation_a_high IS '95 % Fisher limit; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_framework_ab.win_correlation_b IS 'Point-biserial correlation of score b with winning.';
COMMENT ON COLUMN mart_framework_ab.win_correlation_b_low IS '95 % Fisher limit; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_framework_ab.win_correlation_b_high IS '95 % Fisher limit; conservative for an outcome of two values.';
COMMENT ON COLUMN mart_framework_ab.r_ab IS 'Correlation of the two scores with each other.';
COMMENT ON COLUMN mart_framework_ab.difference IS 'win_correlation_a minus win_correlation_b.';
COMMENT ON COLUMN mart_framework_ab.difference_low IS '95 % limit of difference by Zou''s method for correlations that share the outcome.';
COMMENT ON COLUMN mart_framework_ab.difference_high IS '95 % limit of difference by Zou''s method for correlations that share the outcome.';
COMMENT ON COLUMN mart_framework_ab.relative_gain IS 'Higher correlation divided by the lower, minus 1; NULL unless both are positive.';
COMMENT ON COLUMN mart_framework_ab.relative_gain_low IS '95 % bootstrap limit of relative_gain (an_framework_ab); relative_gain is not to be told without it.';
COMMENT ON COLUMN mart_framework_ab.relative_gain_high IS '95 % bootstrap limit of relative_gain (an_framework_ab).';
COMMENT ON COLUMN mart_framework_ab.williams_t IS 'Williams'' t of difference (an_framework_ab).';
COMMENT ON COLUMN mart_framework_ab.p_value IS 'p of williams_t (an_framework_ab).';
COMMENT ON COLUMN mart_framework_ab.auc_a IS 'Share of pairs of a won and a lost deal in which kit a scores the won one higher, ties half.';
COMMENT ON COLUMN mart_framework_ab.auc_b IS 'The same of kit b.';
COMMENT ON COLUMN mart_framework_ab.auc_difference IS 'auc_a minus auc_b.';
COMMENT ON COLUMN mart_framework_ab.auc_difference_low IS '95 % paired bootstrap limit of auc_difference (an_framework_ab).';
COMMENT ON COLUMN mart_framework_ab.auc_difference_high IS '95 % paired bootstrap limit of auc_difference (an_framework_ab).';
COMMENT ON COLUMN mart_framework_ab.threshold_a IS 'A deal whose score reaches it is predicted to be won.';
COMMENT ON COLUMN mart_framework_ab.threshold_b IS 'The same of kit b.';
COMMENT ON COLUMN mart_framework_ab.threshold_source IS 'settings: both configured, tested on all deals; older_half: chosen on the older half of the deals by close time (largest true minus false positive rate), tested on the newer half; mixed: one of each, both tested on the newer half; NULL: no thresholds.';
COMMENT ON COLUMN mart_framework_ab.in_sample IS 'May the threshold have been chosen by looking at the deals it is tested on? no: it was chosen on the older half; unknown: somebody set it.';
COMMENT ON COLUMN mart_framework_ab.tp_a IS 'Kit a: won deals called a win.';
COMMENT ON COLUMN mart_framework_ab.fp_a IS 'Kit a: lost deals called a win.';
COMMENT ON COLUMN mart_framework_ab.tn_a IS 'Kit a: lost deals not called a win.';
COMMENT ON COLUMN mart_framework_ab.fn_a IS 'Kit a: won deals not called a win.';
COMMENT ON COLUMN mart_framework_ab.tp_b IS 'Kit b: won deals called a win.';
COMMENT ON COLUMN mart_framework_ab.fp_b IS 'Kit b: lost deals called a win.';
COMMENT ON COLUMN mart_framework_ab.tn_b IS 'Kit b: lost deals not called a win.';
COMMENT ON COLUMN mart_framework_ab.fn_b IS 'Kit b: won deals not called a win.';
COMMENT ON COLUMN mart_framework_ab.tpr_a IS 'True-positive rate of kit a: of the deals won, the share called a win.';
COMMENT ON COLUMN mart_framework_ab.tpr_a_low IS '95 % Wilson limit of tpr_a.';
COMMENT ON COLUMN mart_framework_ab.tpr_a_high IS '95 % Wilson limit of tpr_a.';
COMMENT ON COLUMN mart_framework_ab.tpr_b IS 'True-positive rate of kit b.';
COMMENT ON COLUMN mart_framework_ab.tpr_b_low IS '95 % Wilson limit of tpr_b.';
COMMENT ON COLUMN mart_framework_ab.tpr_b_high IS '95 % Wilson limit of tpr_b.';
COMMENT ON COLUMN mart_framework_ab.fpr_a IS 'False-positive rate of kit a: of the deals lost, the share called a win.';
COMMENT ON COLUMN mart_framework_ab.fpr_a_low IS '95 % Wilson limit of fpr_a.';
COMMENT ON COLUMN mart_framework_ab.fpr_a_high IS '95 % Wilson limit of fpr_a.';
COMMENT ON COLUMN mart_framework_ab.fpr_b IS 'False-positive rate of kit b.';
COMMENT ON COLUMN mart_framework_ab.fpr_b_low IS '95 % Wilson limit of fpr_b.';
COMMENT ON COLUMN mart_framework_ab.fpr_b_high IS '95 % Wilson limit of fpr_b.';
COMMENT ON COLUMN mart_framework_ab.fdr_a IS 'False discovery rate of kit a: of the deals called a win, the share lost.';
COMMENT ON COLUMN mart_framework_ab.fdr_a_low IS '95 % Wilson limit of fdr_a.';
COMMENT ON COLUMN mart_framework_ab.fdr_a_high IS '95 % Wilson limit of fdr_a.';
COMMENT ON COLUMN mart_framework_ab.fdr_b IS 'False discovery rate of kit b.';
COMMENT ON COLUMN mart_framework_ab.fdr_b_low IS '95 % Wilson limit of fdr_b.';
COMMENT ON COLUMN mart_framework_ab.fdr_b_high IS '95 % Wilson limit of fdr_b.';
COMMENT ON COLUMN mart_framework_ab.fpr_at_tpr80_a IS 'Kit a: smallest false-positive rate of a threshold that finds at least 80 % of the won deals; compares kits without their thresholds.';
COMMENT ON COLUMN mart_framework_ab.fpr_at_tpr80_b IS 'The same of kit b.';
COMMENT ON COLUMN mart_framework_ab.mcnemar_p IS 'Exact McNemar test of the false positives on the same lost deals (an_framework_ab).';
COMMENT ON COLUMN mart_framework_ab.winner IS 'a or b when the limits of difference leave out 0; undecided when they do not, and with too few deals; NULL where nothing was compared.';
COMMENT ON COLUMN mart_framework_ab.verdict IS 'no_outcome (no closed deal), no_variation (all deals have the same score or the same outcome), too_few (under 30 deals or 10 of either outcome), indicative (under 100 or 20 of either), usable.';
COMMENT ON COLUMN mart_framework_ab.deals_missing IS 'Closed deals that are missing for an estimate.';
COMMENT ON COLUMN mart_framework_ab.won_missing IS 'Won deals that are missing for an estimate.';
COMMENT ON COLUMN mart_framework_ab.lost_missing IS 'Lost deals that are missing for an estimate.';
COMMENT ON COLUMN mart_framework_ab.version_changed_at_a IS 'When the analysed version of kit a was first asked for, if the kit had another one before.';
COMMENT ON COLUMN mart_framework_ab.former_version_id_a IS 'The version of kit a before.';
COMMENT ON COLUMN mart_framework_ab.version_changed_at_b IS 'The same of kit b.';
COMMENT ON COLUMN mart_framework_ab.former_version_id_b IS 'The version of kit b before.';
COMMENT ON COLUMN mart_framework_ab.analyzed_as_of IS 'State of the data that was analysed; NULL without an analysis.';
COMMENT ON COLUMN mart_framework_ab.is_stale IS 'Have deals, outcomes or the difference changed since the analysis? NULL without one.';
