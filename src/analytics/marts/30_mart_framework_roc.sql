-- needs: mart_call_scores, kit_versions, eligible_calls
-- Every score of a kit as a threshold: predicted win = score ≥ threshold. All deals that the kit scored.
CREATE OR REPLACE VIEW mart_framework_roc AS
WITH scored AS (
  SELECT s.kit_code, s.opportunity_id, e.is_won, round(avg(s.score), 9) AS score
  FROM mart_call_scores s
  JOIN eligible_calls e ON e.call_id = s.call_id
  WHERE s.is_eligible AND s.score IS NOT NULL
  GROUP BY s.kit_code, s.opportunity_id, e.is_won
),
steps AS (
  SELECT kit_code, score AS threshold, count_if(is_won)::BIGINT AS won_here, count_if(NOT is_won)::BIGINT AS lost_here
  FROM scored GROUP BY kit_code, score
),
curve AS (
  SELECT kit_code, threshold, (sum(won_here) OVER at_least)::BIGINT AS tp, (sum(lost_here) OVER at_least)::BIGINT AS fp,
    (sum(won_here) OVER whole)::BIGINT AS n_won, (sum(lost_here) OVER whole)::BIGINT AS n_lost
  FROM steps
  WINDOW at_least AS (PARTITION BY kit_code ORDER BY threshold DESC), whole AS (PARTITION BY kit_code)
),
judged AS (
  SELECT *, n_won + n_lost AS n_deals,
    CASE
      WHEN n_won + n_lost > 1 AND (n_won = 0 OR n_lost = 0 OR count(*) OVER (PARTITION BY kit_code) = 1) THEN 'no_variation'
      WHEN n_won + n_lost < 30 OR n_won < 10 OR n_lost < 10 THEN 'too_few'
      WHEN n_won + n_lost < 100 OR n_won < 20 OR n_lost < 20 THEN 'indicative'
      ELSE 'usable'
    END AS verdict,
    verdict IN ('indicative', 'usable') AS is_estimated
  FROM curve
)
SELECT
  j.kit_code, k.kit_version_id, k.kit_label, j.threshold, j.tp, j.fp, j.n_deals, j.n_won, j.n_lost,
  CASE WHEN j.is_estimated THEN j.tp / j.n_won::DOUBLE END AS tpr,
  CASE WHEN j.is_estimated THEN j.fp / j.n_lost::DOUBLE END AS fpr,
  CASE WHEN j.is_estimated THEN j.tp / (j.tp + j.fp)::DOUBLE END AS "precision",
  j.verdict
FROM judged j JOIN kit_versions k ON k.kit_code = j.kit_code
WHERE k.purpose IS NULL OR k.purpose = 'framework';

COMMENT ON VIEW mart_framework_roc IS 'How many won and lost deals a kit calls a win at each threshold, one row a kit and score. Made by gong-elt.';
COMMENT ON COLUMN mart_framework_roc.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN mart_framework_roc.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN mart_framework_roc.kit_label IS 'Name of the kit.';
COMMENT ON COLUMN mart_framework_roc.threshold IS 'Key. A deal whose mean score reaches it is predicted to be won.';
COMMENT ON COLUMN mart_framework_roc.tp IS 'Won deals called a win.';
COMMENT ON COLUMN mart_framework_roc.fp IS 'Lost deals called a win.';
COMMENT ON COLUMN mart_framework_roc.n_deals IS 'Closed deals that the kit scored, by itself or with others.';
COMMENT ON COLUMN mart_framework_roc.n_won IS 'Of these, won.';
COMMENT ON COLUMN mart_framework_roc.n_lost IS 'Of these, lost.';
COMMENT ON COLUMN mart_framework_roc.tpr IS 'True-positive rate: of the deals won, the share called a win. NULL unless the verdict is indicative or usable.';
COMMENT ON COLUMN mart_framework_roc.fpr IS 'False-positive rate: of the deals lost, the share called a win.';
COMMENT ON COLUMN mart_framework_roc."precision" IS 'Of the deals called a win, the share won: 1 minus the false discovery rate.';
COMMENT ON COLUMN mart_framework_roc.verdict IS 'As in mart_framework_ab.';
