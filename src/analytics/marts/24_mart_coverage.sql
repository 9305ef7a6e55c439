-- needs: conversations, run_eligibility, deal_calls
-- The funnel that explains every n: each column counts calls by itself.
CREATE OR REPLACE VIEW mart_coverage AS
WITH runs AS (
  SELECT call_id, bool_or(is_current) AS has_run, bool_or(is_eligible) AS has_eligible_run
  FROM run_eligibility WHERE call_id IS NOT NULL GROUP BY call_id
),
judged AS (
  SELECT
    date_trunc('week', make_timestamp(epoch_us(c.started_at)))::DATE AS week, c.team, c.is_private, c.transcript_status,
    c.opportunity_id, c.opportunity_count, coalesce(r.has_run, false) AS has_run, d.is_won IS NOT NULL AS has_outcome,
    coalesce(r.has_eligible_run AND d.is_eligible, false) AS is_eligible
  FROM conversations c
  LEFT JOIN runs r ON r.call_id = c.call_id
  LEFT JOIN deal_calls d ON d.call_id = c.call_id
)
SELECT
  week, team, count(*) AS calls, count(*) FILTER (is_private) AS private,
  count(*) FILTER (transcript_status = 'available') AS with_transcript, count(*) FILTER (transcript_status = 'pending') AS pending,
  count(*) FILTER (transcript_status = 'gave_up') AS gave_up,
  count(*) FILTER (transcript_status IS NULL OR transcript_status NOT IN ('available', 'pending', 'gave_up')) AS without_transcript,
  count(*) FILTER (has_run) AS with_run, count(*) FILTER (opportunity_id IS NOT NULL) AS with_opportunity,
  count(*) FILTER (opportunity_count > 1) AS ambiguous_opportunity, count(*) FILTER (has_outcome) AS with_outcome,
  count(*) FILTER (is_eligible) AS eligible
FROM judged GROUP BY week, team;

COMMENT ON VIEW mart_coverage IS 'How many calls came how far, one row a week and team. Made by gong-elt.';
COMMENT ON COLUMN mart_coverage.week IS 'Key, may be NULL. Monday of the week of the calls, UTC.';
COMMENT ON COLUMN mart_coverage.team IS 'Key, may be NULL. Team of the owner (cfg_people).';
COMMENT ON COLUMN mart_coverage.calls IS 'Conversations of every recorder; calls that are gone are none.';
COMMENT ON COLUMN mart_coverage.private IS 'Of these, private.';
COMMENT ON COLUMN mart_coverage.with_transcript IS 'Of these, with a transcript.';
COMMENT ON COLUMN mart_coverage.pending IS 'Of these, whose transcript is awaited.';
COMMENT ON COLUMN mart_coverage.gave_up IS 'Of these, whose transcript did not come in time.';
COMMENT ON COLUMN mart_coverage.without_transcript IS 'Of these, without one for another reason (calls.transcript_status): nothing was said, private, forbidden, too large, not asked for.';
COMMENT ON COLUMN mart_coverage.with_run IS 'Of these, with a succeeded run of any kit and version, sandbox runs left out.';
COMMENT ON COLUMN mart_coverage.with_opportunity IS 'Of these, with a deal.';
COMMENT ON COLUMN mart_coverage.ambiguous_opportunity IS 'Of these, with several deals: one was chosen.';
COMMENT ON COLUMN mart_coverage.with_outcome IS 'Of these, whose deal is won or lost.';
COMMENT ON COLUMN mart_coverage.eligible IS 'Of these, that count in statistics about outcomes: a run that counts (run_eligibility) and a call that counts (deal_calls).';
