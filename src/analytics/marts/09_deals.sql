-- needs: stream_calls, conversations, as_of, calls.opportunity_id
-- What became of a deal. Every way in which an outcome can be known is one branch of `outcomes`; the most trusted wins.
CREATE OR REPLACE VIEW deals AS
WITH opportunities AS (
  SELECT opportunity_id, count(*) AS n_calls FROM conversations WHERE opportunity_id IS NOT NULL GROUP BY opportunity_id
),
readings AS (
  SELECT
    opportunity_id, opportunity_name, opportunity_type, account_id, account_name, stage_now, amount_now, currency, close_date_now,
    is_won_now, context_read_at, closed_seen_at, started_at, call_id,
    coalesce(is_closed_now, nullif(is_won_now, false)) AS flag_closed,
    max(context_read_at) FILTER (coalesce(is_closed_now, is_won_now, s.is_closed) = false) OVER (PARTITION BY opportunity_id)
      AS last_seen_open_at
  FROM stream_calls c LEFT JOIN cfg_stages s ON s.stage = c.stage_now
  WHERE opportunity_id IS NOT NULL AND gone_at IS NULL
),
newest AS (
  SELECT *,
    -- What was seen closed and then open again has not ended at that time.
    min(closed_seen_at) FILTER (closed_seen_at > last_seen_open_at IS NOT FALSE) OVER (PARTITION BY opportunity_id)
      AS first_closed_seen_at
  FROM readings
  QUALIFY row_number() OVER (
    PARTITION BY opportunity_id ORDER BY context_read_at DESC NULLS LAST, started_at DESC NULLS LAST, call_id) = 1
),
crm AS (
  SELECT *,
    -- A date means the start of that day in UTC (to_timestamp(epoch()), whatever the session's TimeZone). A close date is a
    -- plan, so the first sight of the closed deal comes before it when it is earlier.
    least(to_timestamp(epoch(close_date_now)), first_closed_seen_at) AS crm_closed_at
  FROM newest
),
imported AS (
  SELECT * REPLACE (coalesce(outcome_as_of, (SELECT as_of FROM as_of)) AS outcome_as_of)
  FROM ext_outcomes
  QUALIFY row_number() OVER (
    PARTITION BY opportunity_id
    ORDER BY outcome_as_of DESC NULLS LAST, closed_at DESC NULLS LAST, is_won DESC NULLS LAST, amount DESC NULLS LAST, stage) = 1
),
stated AS (
  SELECT *,
    -- Exports have a close date for open deals, too: without is_closed a deal is lost once that day has come.
    coalesce(is_closed, is_won OR (closed_at <= outcome_as_of IS TRUE)) AS said_closed
  FROM imported
),
outcomes AS (
  SELECT opportunity_id, 1 AS trust, 'import' AS outcome_source, said_closed AS is_closed, is_won, closed_at, outcome_as_of
  FROM stated WHERE NOT said_closed OR (said_closed AND is_won IS NOT NULL)
  UNION ALL
  SELECT opportunity_id, 2, 'crm_flags', flag_closed, is_won_now, crm_closed_at, context_read_at
  FROM crm WHERE NOT flag_closed OR (flag_closed AND is_won_now IS NOT NULL)
  UNION ALL
  SELECT opportunity_id, 3, 'crm_stage', s.is_closed, s.is_won, crm_closed_at, context_read_at
  FROM crm JOIN cfg_stages s ON s.stage = crm.stage_now
),
trusted AS (
  SELECT * FROM outcomes QUALIFY row_number() OVER (PARTITION BY opportunity_id ORDER BY trust) = 1
)
SELECT
  d.opportunity_id, coalesce(i.opportunity_name, c.opportunity_name) AS opportunity_name,
  coalesce(i.opportunity_type, c.opportunity_type) AS opportunity_type, c.account_id, c.account_name,
  coalesce(i.stage, c.stage_now) AS stage,
  coalesce(i.amount, c.amount_now) AS amount,
  CASE WHEN i.amount IS NULL THEN c.currency ELSE coalesce(i.currency, c.currency) END AS currency, o.is_closed,
  CASE WHEN o.is_closed THEN o.is_won END AS is_won,
  CASE WHEN o.is_closed THEN o.closed_at END AS closed_at,
  i.created_at, o.outcome_source, o.outcome_as_of, d.n_calls
FROM opportunities d
LEFT JOIN crm c ON c.opportunity_id = d.opportunity_id
LEFT JOIN imported i ON i.opportunity_id = d.opportunity_id
LEFT JOIN trusted o ON o.opportunity_id = d.opportunity_id;

COMMENT ON VIEW deals IS 'Deals of the conversations and what became of them, one row an opportunity. Calls that are gone do not speak. Made by gong-elt.';
COMMENT ON COLUMN deals.opportunity_id IS 'Key. The opportunity of the CRM.';
COMMENT ON COLUMN deals.opportunity_name IS 'Its name: as imported, else in the newest CRM context.';
COMMENT ON COLUMN deals.opportunity_type IS 'Its type, as imported, else in the newest CRM context: tells new business from renewals.';
COMMENT ON COLUMN deals.account_id IS 'Its account.';
COMMENT ON COLUMN deals.account_name IS 'Name of the account.';
COMMENT ON COLUMN deals.stage IS 'Stage, as imported, else in the newest CRM context.';
COMMENT ON COLUMN deals.amount IS 'Amount in currency, as imported, else in the newest CRM context.';
COMMENT ON COLUMN deals.currency IS 'Currency of the amount.';
COMMENT ON COLUMN deals.is_closed IS 'Has it ended? NULL when nothing says so.';
COMMENT ON COLUMN deals.is_won IS 'Was it won? NULL while it is open: an open deal is not a loss.';
COMMENT ON COLUMN deals.closed_at IS 'When it ended: as imported; else the earlier of the close date (start of that day, UTC) and the first time it was seen closed since it was last seen open.';
COMMENT ON COLUMN deals.created_at IS 'When it was created in the CRM, as imported.';
COMMENT ON COLUMN deals.outcome_source IS 'import (ext_outcomes), else crm_flags (closed and won fields of the CRM), else crm_stage (cfg_stages); NULL when none says anything.';
COMMENT ON COLUMN deals.outcome_as_of IS 'When the source of the outcome was read.';
COMMENT ON COLUMN deals.n_calls IS 'Conversations of the deal.';
