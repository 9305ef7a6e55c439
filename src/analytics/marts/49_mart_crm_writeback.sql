-- needs: conversations, kit_versions, mart_call_scores, mart_unified_deal_score
-- What is sent to a CRM. Of each field the newest value that is one: an empty answer does not wipe out an older one.
CREATE OR REPLACE VIEW mart_crm_writeback AS
WITH told AS (
  SELECT s.*,
    row_number() OVER (
      PARTITION BY s.opportunity_id
      ORDER BY s.started_at DESC NULLS LAST, s.call_id, k.purpose IS NOT DISTINCT FROM 'deal_score' DESC, k.position NULLS LAST, s.kit_code) AS recency,
    -- Without a unified score the score of one kit: scores of several are not mixed.
    CASE WHEN s.score IS NULL OR k.purpose NOT IN ('deal_score', 'framework') THEN NULL ELSE
      dense_rank() OVER (
        PARTITION BY s.opportunity_id, s.score IS NULL OR k.purpose NOT IN ('deal_score', 'framework')
        ORDER BY k.purpose IS NOT DISTINCT FROM 'deal_score' DESC, k.position NULLS LAST, s.kit_code)
    END AS kit_place
  FROM mart_call_scores s
  JOIN kit_versions k ON k.kit_code = s.kit_code
  JOIN conversations c ON c.call_id = s.call_id
  WHERE s.opportunity_id IS NOT NULL AND NOT c.is_private
),
deals_told AS (
  SELECT opportunity_id, count(DISTINCT call_id) AS n_calls,
    arg_min({score: score, kit: kit_code, call_at: started_at, confidence: min_confidence}, recency) FILTER (kit_place = 1) AS scored,
    arg_min({flag: risk_flag, confidence: min_confidence}, recency) FILTER (risk_flag IS NOT NULL) AS risk,
    arg_min({point: pain_point, confidence: min_confidence}, recency) FILTER (pain_point IS NOT NULL) AS pain
  FROM told GROUP BY opportunity_id
)
SELECT
  t.opportunity_id, coalesce(u.score, t.scored.score) AS ai_score,
  CASE WHEN u.score IS NOT NULL THEN 'unified' ELSE t.scored.kit END AS ai_score_source,
  t.risk.flag AS risk_flag, t.pain.point AS pain_point,
  CASE WHEN u.score IS NOT NULL THEN u.last_signal_at ELSE t.scored.call_at END AS score_as_of,
  least(CASE WHEN u.score IS NOT NULL THEN u.confidence_min ELSE t.scored.confidence END, t.risk.confidence, t.pain.confidence) AS min_confidence,
  t.n_calls
FROM deals_told t LEFT JOIN mart_unified_deal_score u ON u.opportunity_id = t.opportunity_id
WHERE coalesce(u.score, t.scored.score) IS NOT NULL OR t.risk IS NOT NULL OR t.pain IS NOT NULL;

COMMENT ON VIEW mart_crm_writeback IS 'What outputs send to a CRM, one row an opportunity that has something to send. Made by gong-elt.';
COMMENT ON COLUMN mart_crm_writeback.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN mart_crm_writeback.ai_score IS 'The unified score; where no brick is marked in_deal_score, the newest score of one kit: of purpose deal_score, else the first of the settings.';
COMMENT ON COLUMN mart_crm_writeback.ai_score_source IS 'unified, or the code of that kit.';
COMMENT ON COLUMN mart_crm_writeback.risk_flag IS 'The newest risk flag that a kit gave.';
COMMENT ON COLUMN mart_crm_writeback.pain_point IS 'The newest pain point that a kit gave.';
COMMENT ON COLUMN mart_crm_writeback.score_as_of IS 'Start of the newest conversation behind ai_score.';
COMMENT ON COLUMN mart_crm_writeback.min_confidence IS 'Smallest confidence of the signals of the unified score, and of the runs behind the other values.';
COMMENT ON COLUMN mart_crm_writeback.n_calls IS 'Conversations of the deal that were evaluated, private ones left out.';
