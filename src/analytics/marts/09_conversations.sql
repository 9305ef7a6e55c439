-- needs: stream_calls, call_participants
-- Everything that was said to somebody, whoever recorded it. Marts read this one where a call of another recorder counts as well.
CREATE OR REPLACE VIEW conversations AS
WITH externals AS (
  SELECT call_id, bool_or(affiliation = 'External' OR role = 'prospect') AS has_external FROM call_participants GROUP BY call_id
),
listed AS (
  SELECT
    c.call_id, 'gong' AS origin, coalesce(s.label, 'Gong') AS source, c.title, c.url, c.started_at, c.duration_s, c.system, c.scope,
    coalesce(c.is_private, false) AS is_private, c.owner_email, c.owner_name, c.account_id, c.account_name, c.opportunity_id,
    c.opportunity_name, c.opportunity_type, c.opportunity_count, c.stage_at_call, c.amount_at_call, c.currency,
    c.transcript_status,
    coalesce(nullif(e.has_external, false), CASE c.scope WHEN 'external' THEN true WHEN 'internal' THEN false END, e.has_external)
      AS has_external
  FROM stream_calls c
  LEFT JOIN cfg_sources s ON s.system = c.system
  LEFT JOIN externals e ON e.call_id = c.call_id
  WHERE c.gone_at IS NULL
  UNION ALL
  SELECT
    x.call_id, 'import', coalesce(s.label, x.source), x.title, x.url, x.started_at, x.duration_s, x.source, NULL, false,
    x.owner_email, x.owner_name, NULL, x.account_name, x.opportunity_id, NULL, NULL, (x.opportunity_id IS NOT NULL)::BIGINT,
    NULL, NULL, NULL, CASE WHEN x.transcript_hash IS NULL THEN 'none' ELSE 'available' END, x.has_external
  FROM ext_conversations x
  LEFT JOIN cfg_sources s ON s.system = x.source
)
SELECT
  l.call_id, l.origin, l.source, l.title, l.url, l.started_at, l.duration_s, l.system, l.scope, l.is_private, l.owner_email,
  l.owner_name, coalesce(p.name, l.owner_name) AS rep, p.team, p.manager, l.account_id, l.account_name, l.opportunity_id,
  l.opportunity_name, l.opportunity_type, l.opportunity_count, l.stage_at_call, l.amount_at_call, l.currency, l.transcript_status,
  l.has_external
FROM listed l
-- Owners are matched by e-mail address.
LEFT JOIN cfg_people p ON p.email = lower(l.owner_email);

COMMENT ON VIEW conversations IS 'Calls of Gong that are not gone, and conversations of other recorders that were imported, one row a conversation. Made by gong-elt.';
COMMENT ON COLUMN conversations.call_id IS 'Key. calls.call_id or ext_conversations.call_id.';
COMMENT ON COLUMN conversations.origin IS 'gong, or import: brought by import conversations.';
COMMENT ON COLUMN conversations.source IS 'Where it was recorded (cfg_sources), else Gong, or the source that the import named.';
COMMENT ON COLUMN conversations.title IS 'Its title.';
COMMENT ON COLUMN conversations.url IS 'Its page.';
COMMENT ON COLUMN conversations.started_at IS 'When it started.';
COMMENT ON COLUMN conversations.duration_s IS 'Seconds.';
COMMENT ON COLUMN conversations.system IS 'The recording system, as Gong or the import names it.';
COMMENT ON COLUMN conversations.scope IS 'internal, external or unknown, as Gong says; NULL for imported ones.';
COMMENT ON COLUMN conversations.is_private IS 'Is the call private?';
COMMENT ON COLUMN conversations.owner_email IS 'E-mail address of the owner.';
COMMENT ON COLUMN conversations.owner_name IS 'Name of the owner as recorded.';
COMMENT ON COLUMN conversations.rep IS 'Name of the owner (cfg_people, else as recorded).';
COMMENT ON COLUMN conversations.team IS 'Team of the owner (cfg_people).';
COMMENT ON COLUMN conversations.manager IS 'Manager of the owner (cfg_people).';
COMMENT ON COLUMN conversations.account_id IS 'The account; NULL for imported ones.';
COMMENT ON COLUMN conversations.account_name IS 'Name of the account.';
COMMENT ON COLUMN conversations.opportunity_id IS 'The deal: the primary one of the call.';
COMMENT ON COLUMN conversations.opportunity_name IS 'Name of the deal in the context of the call.';
COMMENT ON COLUMN conversations.opportunity_type IS 'Type of the deal in the context of the call.';
COMMENT ON COLUMN conversations.opportunity_count IS 'Deals in the context of the call; above 1 the primary one was chosen.';
COMMENT ON COLUMN conversations.stage_at_call IS 'Stage of the deal at the time of the call; NULL for imported ones.';
COMMENT ON COLUMN conversations.amount_at_call IS 'Amount of the deal at the time of the call, in currency.';
COMMENT ON COLUMN conversations.currency IS 'Currency of the amount.';
COMMENT ON COLUMN conversations.transcript_status IS 'What became of the transcript, as in calls.';
COMMENT ON COLUMN conversations.has_external IS 'Did somebody from outside the company take part? NULL where nobody knows.';
