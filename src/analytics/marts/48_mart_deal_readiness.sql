-- needs: conversation_answers, conversations, deals, as_of
CREATE OR REPLACE VIEW mart_deal_readiness AS
WITH open_deals AS (
  SELECT opportunity_id, opportunity_name, account_name, stage, amount, currency FROM deals WHERE is_closed IS NOT TRUE
),
told AS (
  SELECT a.opportunity_id, i.item_key, a.call_id, a.started_at, a.confidence,
    CASE WHEN a.points >= i.threshold THEN 'confirmed' WHEN a.points < i.threshold THEN 'not_confirmed' ELSE 'unknown' END AS state,
    row_number() OVER (
      PARTITION BY a.opportunity_id, i.item_key ORDER BY a.started_at DESC NULLS LAST, a.call_id, a.kit_code) AS recency
  FROM cfg_readiness i
  JOIN conversation_answers a ON a.brick_key = i.brick_key AND i.kit_code IN ('*', a.kit_code)
  WHERE a.opportunity_id IS NOT NULL AND a.value_kind NOT IN ('null', 'missing')
),
-- An item is in its state since the first of the newest answers that agree.
changes AS (
  SELECT *, state <> first_value(state) OVER newest_first AS is_other FROM told
  WINDOW newest_first AS (PARTITION BY opportunity_id, item_key ORDER BY recency)
),
counted AS (
  SELECT *, count(*) FILTER (is_other) OVER (PARTITION BY opportunity_id, item_key ORDER BY recency ROWS UNBOUNDED PRECEDING) AS n_other
  FROM changes
),
states AS (
  SELECT opportunity_id, item_key, arg_min(state, recency) AS state, arg_min(call_id, recency) AS call_id,
    first(confidence ORDER BY recency) AS confidence, min(started_at) FILTER (n_other = 0) AS since
  FROM counted GROUP BY opportunity_id, item_key
),
items AS (
  SELECT d.opportunity_id, i.item_key, i.label, i.weight, i.sort, i.next_action, coalesce(s.state, 'unknown') AS state, s.since,
    s.call_id, s.confidence
  FROM open_deals d CROSS JOIN cfg_readiness i
  LEFT JOIN states s ON s.opportunity_id = d.opportunity_id AND s.item_key = i.item_key
),
deals_ready AS (
  SELECT opportunity_id,
    coalesce(100 * sum(weight ORDER BY item_key) FILTER (state = 'confirmed') / sum(weight ORDER BY item_key), 0e0) AS readiness_pct,
    count(*) AS n_items, count(*) FILTER (state = 'confirmed') AS n_confirmed, count(*) FILTER (state = 'unknown') AS n_unknown,
    list({item_key: item_key, label: label, state: state, since: since, call_id: call_id, confidence: confidence} ORDER BY sort, item_key) AS items,
    first(next_action ORDER BY weight DESC, sort, item_key) FILTER (state <> 'confirmed') AS next_action
  FROM items GROUP BY opportunity_id
),
contacts AS (
  SELECT opportunity_id, max(started_at) AS last_contact_at FROM conversations
  WHERE has_external AND opportunity_id IS NOT NULL GROUP BY opportunity_id
)
SELECT
  d.opportunity_id, d.opportunity_name, d.account_name, d.amount, d.currency, d.stage, r.readiness_pct, r.n_items, r.n_confirmed,
  r.n_unknown, r.items, r.next_action, c.last_contact_at,
  floor((epoch_us((SELECT as_of FROM as_of)) - epoch_us(c.last_contact_at)) / 86400e6)::BIGINT AS days_since_last_contact
FROM open_deals d
JOIN deals_ready r ON r.opportunity_id = d.opportunity_id
LEFT JOIN contacts c ON c.opportunity_id = d.opportunity_id;

COMMENT ON VIEW mart_deal_readiness IS 'What of cfg_readiness an open deal has confirmed, one row an open opportunity; no outcome known is open. Made by gong-elt.';
COMMENT ON COLUMN mart_deal_readiness.opportunity_id IS 'Key. The deal.';
COMMENT ON COLUMN mart_deal_readiness.opportunity_name IS 'Its name.';
COMMENT ON COLUMN mart_deal_readiness.account_name IS 'Its account.';
COMMENT ON COLUMN mart_deal_readiness.amount IS 'Its amount, in currency.';
COMMENT ON COLUMN mart_deal_readiness.currency IS 'Currency of the amount.';
COMMENT ON COLUMN mart_deal_readiness.stage IS 'Its stage.';
COMMENT ON COLUMN mart_deal_readiness.readiness_pct IS 'Weight of the confirmed items divided by the weight of all, percent.';
COMMENT ON COLUMN mart_deal_readiness.n_items IS 'Items of cfg_readiness.';
COMMENT ON COLUMN mart_deal_readiness.n_confirmed IS 'Of these, confirmed.';
COMMENT ON COLUMN mart_deal_readiness.n_unknown IS 'Of these, unknown: counted as not confirmed.';
COMMENT ON COLUMN mart_deal_readiness.items IS 'Per item: confirmed (the newest value reaches the threshold), not_confirmed or unknown (no value, or one without points), since when all newer answers agree, and call and confidence of the newest value.';
COMMENT ON COLUMN mart_deal_readiness.next_action IS 'next_action of the open item of largest weight; NULL when it has none, or all are confirmed.';
COMMENT ON COLUMN mart_deal_readiness.last_contact_at IS 'Start of the newest conversation with somebody from outside.';
COMMENT ON COLUMN mart_deal_readiness.days_since_last_contact IS 'Whole days from it to as_of.';
