-- needs: mart_call_scores, framework_pairs, eligible_calls
-- The deal is the unit: the mean over the calls that both kits scored.
CREATE OR REPLACE VIEW framework_deals AS
WITH scores AS (
  SELECT kit_code, call_id, opportunity_id, score FROM mart_call_scores WHERE score IS NOT NULL AND is_eligible
),
common AS (
  SELECT p.kit_code_a, p.kit_code_b, a.opportunity_id, count(*) AS n_calls, round(avg(a.score), 9) AS score_a,
    round(avg(b.score), 9) AS score_b
  FROM framework_pairs p
  JOIN scores a ON a.kit_code = p.kit_code_a
  JOIN scores b ON b.kit_code = p.kit_code_b AND b.call_id = a.call_id
  GROUP BY p.kit_code_a, p.kit_code_b, a.opportunity_id
),
outcomes AS (SELECT opportunity_id, is_won, closed_at FROM eligible_calls WHERE call_number = 1)
SELECT
  c.kit_code_a, c.kit_code_b, c.opportunity_id, c.n_calls, c.score_a, c.score_b, o.is_won, o.closed_at,
  row_number() OVER by_close <= count(*) OVER whole // 2 AS is_older
FROM common c JOIN outcomes o ON o.opportunity_id = c.opportunity_id
WINDOW by_close AS (PARTITION BY c.kit_code_a, c.kit_code_b ORDER BY o.closed_at, c.opportunity_id),
  whole AS (PARTITION BY c.kit_code_a, c.kit_code_b);

COMMENT ON VIEW framework_deals IS 'Closed deals as two kits score them, one row a pair of kits and deal. Made by gong-elt.';
COMMENT ON COLUMN framework_deals.kit_code_a IS 'Key. As in framework_pairs.';
COMMENT ON COLUMN framework_deals.kit_code_b IS 'Key. As in framework_pairs.';
COMMENT ON COLUMN framework_deals.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN framework_deals.n_calls IS 'Eligible calls that both kits scored.';
COMMENT ON COLUMN framework_deals.score_a IS 'Mean over these calls of the score of kit a.';
COMMENT ON COLUMN framework_deals.score_b IS 'Mean over these calls of the score of kit b.';
COMMENT ON COLUMN framework_deals.is_won IS 'Was the deal won?';
COMMENT ON COLUMN framework_deals.closed_at IS 'When the deal ended.';
COMMENT ON COLUMN framework_deals.is_older IS 'Is it of the older half of the deals by closed_at? That half chooses thresholds, the other tests them.';
