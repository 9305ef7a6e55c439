-- needs: mart_call_scores, framework_pairs, deals
-- The deal is the unit: the mean over the calls that both kits scored. What only one of them scored is counted beside.
CREATE OR REPLACE VIEW framework_deals AS
WITH scores AS (
  SELECT kit_code, call_id, CASE WHEN is_eligible THEN opportunity_id END AS opportunity_id, score
  FROM mart_call_scores WHERE score IS NOT NULL
),
calls_of_pairs AS (
  SELECT p.kit_code_a, p.kit_code_b, s.call_id, any_value(s.opportunity_id) AS opportunity_id,
    max(s.score) FILTER (s.kit_code = p.kit_code_a) AS score_a, max(s.score) FILTER (s.kit_code = p.kit_code_b) AS score_b
  FROM framework_pairs p JOIN scores s ON s.kit_code IN (p.kit_code_a, p.kit_code_b)
  GROUP BY p.kit_code_a, p.kit_code_b, s.call_id
),
counted AS (
  SELECT kit_code_a, kit_code_b, opportunity_id, count(score_a) AS n_calls_a, count(score_b) AS n_calls_b,
    count_if(score_a IS NOT NULL AND score_b IS NOT NULL)::BIGINT AS n_calls,
    round(avg(score_a) FILTER (score_b IS NOT NULL), 9) AS score_a, round(avg(score_b) FILTER (score_a IS NOT NULL), 9) AS score_b
  FROM calls_of_pairs GROUP BY kit_code_a, kit_code_b, opportunity_id
)
SELECT
  c.kit_code_a, c.kit_code_b, c.opportunity_id, c.n_calls_a, c.n_calls_b, c.n_calls, c.score_a, c.score_b, d.is_won, d.closed_at,
  CASE WHEN c.n_calls > 0 AND c.opportunity_id IS NOT NULL THEN
    row_number() OVER by_close <= count(*) OVER whole // 2 END AS is_older
FROM counted c LEFT JOIN deals d ON d.opportunity_id = c.opportunity_id
WINDOW by_close AS (
    PARTITION BY c.kit_code_a, c.kit_code_b, c.n_calls > 0 AND c.opportunity_id IS NOT NULL ORDER BY d.closed_at, c.opportunity_id),
  whole AS (PARTITION BY c.kit_code_a, c.kit_code_b, c.n_calls > 0 AND c.opportunity_id IS NOT NULL);

COMMENT ON VIEW framework_deals IS 'Closed deals as two kits score them, one row a pair of kits and deal. Made by gong-elt.';
COMMENT ON COLUMN framework_deals.kit_code_a IS 'Key. As in framework_pairs.';
COMMENT ON COLUMN framework_deals.kit_code_b IS 'Key. As in framework_pairs.';
COMMENT ON COLUMN framework_deals.opportunity_id IS 'Key. The deal; NULL: all calls that do not count, in one row.';
COMMENT ON COLUMN framework_deals.n_calls_a IS 'Calls that kit a scored.';
COMMENT ON COLUMN framework_deals.n_calls_b IS 'Calls that kit b scored.';
COMMENT ON COLUMN framework_deals.n_calls IS 'Calls that both kits scored; deals without any are compared in no number.';
COMMENT ON COLUMN framework_deals.score_a IS 'Mean of the score of kit a over the calls that both scored.';
COMMENT ON COLUMN framework_deals.score_b IS 'Mean of the score of kit b over the calls that both scored.';
COMMENT ON COLUMN framework_deals.is_won IS 'Was the deal won?';
COMMENT ON COLUMN framework_deals.closed_at IS 'When the deal ended.';
COMMENT ON COLUMN framework_deals.is_older IS 'Is it of the older half of the deals that both scored, by closed_at? That half chooses thresholds, the other tests them. NULL for rows that are not compared.';
