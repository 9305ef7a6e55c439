-- needs: calls
-- What became of a deal. Every way in which an outcome can be known is one branch of `outcomes`; the most trusted wins.
CREATE OR REPLACE VIEW deals AS
WITH newest AS (
  SELECT
    opportunity_id, opportunity_name, opportunity_type, account_id, account_name, stage_now, amount_now, currency,
    close_date_now, is_closed_now, is_won_now, context_read_at,
    count(*) OVER (PARTITION BY opportunity_id) AS n_calls,
    min(closed_seen_at) OVER (PARTITION BY opportunity_id) AS first_closed_seen_at
  FROM calls
  WHERE opportunity_id IS NOT NULL AND gone_at IS NULL
  QUALIFY row_number() OVER (
    PARTITION BY opportunity_id ORDER BY context_read_at DESC NULLS LAST, started_at DESC NULLS LAST, call_id) = 1
),
crm AS (
  SELECT *,
    -- A date means the start of that day in UTC (to_timestamp(epoch()), whatever the session's TimeZone). A close date is a
    -- plan, so the first sight of the closed deal comes before it when it is earlier.
    least(to_timestamp(epoch(close_date_now)), first_closed_seen_at) AS crm_closed_at,
    coalesce(is_closed_now, nullif(is_won_now, false)) AS flag_closed
  FROM newest
),
outcomes AS (
  SELECT opportunity_id, 2 AS trust, 'crm_flags' AS outcome_source, flag_closed AS is_closed, is_won_now AS is_won,
         crm_closed_at AS closed_at, context_read_at AS outcome_as_of
  FROM crm WHERE NOT flag_closed OR (flag_closed AND is_won_now IS NOT NULL)
  UNION ALL
  SELECT opportunity_id, 3, 'crm_stage', s.is_closed, s.is_won, crm_closed_at, context_read_at
  FROM crm JOIN cfg_stages s ON s.stage = crm.stage_now
),
trusted AS (
  SELECT * FROM outcomes QUALIFY row_number() OVER (PARTITION BY opportunity_id ORDER BY trust) = 1
)
SELECT
  c.opportunity_id, c.opportunity_name, c.opportunity_type, c.account_id, c.account_name, c.stage_now AS stage,
  c.amount_now AS amount, c.currency, o.is_closed,
  CASE WHEN o.is_closed THEN o.is_won END AS is_won,
  CASE WHEN o.is_closed THEN o.closed_at END AS closed_at,
  o.outcome_source, o.outcome_as_of, c.n_calls
FROM crm c LEFT JOIN trusted o ON o.opportunity_id = c.opportunity_id;

COMMENT ON VIEW deals IS 'Deals and what became of them, one row an opportunity. Calls that are gone do not speak. Made by gong-elt.';
COMMENT ON COLUMN deals.opportunity_id IS 'Key. The opportunity of the CRM.';
COMMENT ON COLUMN deals.opportunity_name IS 'Its name in the newest CRM context.';
COMMENT ON COLUMN deals.opportunity_type IS 'Its type: tells new business from renewals.';
COMMENT ON COLUMN deals.account_id IS 'Its account.';
COMMENT ON COLUMN deals.account_name IS 'Name of the account.';
COMMENT ON COLUMN deals.stage IS 'Stage in the newest CRM context.';
COMMENT ON COLUMN deals.amount IS 'Amount in the newest CRM context, in currency.';
COMMENT ON COLUMN deals.currency IS 'Currency of the amount.';
COMMENT ON COLUMN deals.is_closed IS 'Has it ended? NULL when nothing says so.';
COMMENT ON COLUMN deals.is_won IS 'Was it won? NULL while it is open: an open deal is not a loss.';
COMMENT ON COLUMN deals.closed_at IS 'When it ended: the earlier of the close date (start of that day, UTC) and the first time it was seen closed.';
COMMENT ON COLUMN deals.outcome_source IS 'crm_flags (closed and won fields of the CRM), else crm_stage (cfg_stages); NULL when neither says anything.';
COMMENT ON COLUMN deals.outcome_as_of IS 'When the source of the outcome was read.';
COMMENT ON COLUMN deals.n_calls IS 'Calls of the deal.';
