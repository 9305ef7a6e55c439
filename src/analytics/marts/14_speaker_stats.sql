-- needs: transcript_sentences
CREATE OR REPLACE VIEW speaker_stats AS
WITH spoken AS (
  SELECT
    call_id, coalesce(speaker_id, speaker_name) AS speaker, any_value(speaker_id) AS speaker_id, min(speaker_name) AS speaker_name,
    min("role") AS "role", count(*) AS n_sentences, count(DISTINCT turn) AS n_turns,
    -- An end before its start, or a missing one, is no time at all.
    sum(greatest(coalesce(end_ms - start_ms, 0), 0))::BIGINT AS talk_ms
  FROM transcript_sentences
  GROUP BY call_id, coalesce(speaker_id, speaker_name)
)
SELECT
  call_id, coalesce(speaker, '') AS speaker, speaker_id, speaker_name, "role", n_sentences, n_turns, talk_ms,
  talk_ms / nullif(sum(talk_ms) OVER (PARTITION BY call_id), 0)::DOUBLE AS talk_share
FROM spoken;

COMMENT ON VIEW speaker_stats IS 'Who talked how much, one row a call and speaker. Made by gong-elt.';
COMMENT ON COLUMN speaker_stats.call_id IS 'Key. The call.';
COMMENT ON COLUMN speaker_stats.speaker IS 'Key. speaker_id, else the name; empty where neither is known.';
COMMENT ON COLUMN speaker_stats.speaker_id IS 'Joins call_participants.speaker_id within the call.';
COMMENT ON COLUMN speaker_stats.speaker_name IS 'Name of the speaker, or Speaker N.';
COMMENT ON COLUMN speaker_stats.role IS 'rep, prospect or unknown.';
COMMENT ON COLUMN speaker_stats.n_sentences IS 'Sentences.';
COMMENT ON COLUMN speaker_stats.n_turns IS 'Turns.';
COMMENT ON COLUMN speaker_stats.talk_ms IS 'Milliseconds of speech.';
COMMENT ON COLUMN speaker_stats.talk_share IS 'Share of the speech of the call, 0–1; NULL where nothing has a length.';
