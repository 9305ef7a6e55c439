-- needs: stream_transcripts
CREATE OR REPLACE VIEW transcript_sentences AS
WITH spoken AS (
  SELECT call_id, started_at, unnest(TRY_CAST(sentences AS STRUCT(
    idx BIGINT, turn BIGINT, speaker_id VARCHAR, speaker_name VARCHAR, role VARCHAR, topic VARCHAR, start_ms BIGINT,
    end_ms BIGINT, text VARCHAR)[])) AS s
  FROM stream_transcripts
)
SELECT
  call_id, s.idx, s.turn, started_at, s.speaker_id, s.speaker_name, s.role, s.topic, s.start_ms, s.end_ms, s.text
FROM spoken;

COMMENT ON VIEW transcript_sentences IS 'What was said, one row a call and sentence; nothing where texts are not stored. Made by gong-elt.';
COMMENT ON COLUMN transcript_sentences.call_id IS 'Key. The call.';
COMMENT ON COLUMN transcript_sentences.idx IS 'Key. Place of the sentence in the call, in order of time.';
COMMENT ON COLUMN transcript_sentences.turn IS 'Number of the turn; sentences of one speaker in a row share it.';
COMMENT ON COLUMN transcript_sentences.started_at IS 'When the call started.';
COMMENT ON COLUMN transcript_sentences.speaker_id IS 'Joins call_participants.speaker_id within the call; NULL where Gong does not know.';
COMMENT ON COLUMN transcript_sentences.speaker_name IS 'Name of the speaker, or Speaker N for one without a known party.';
COMMENT ON COLUMN transcript_sentences.role IS 'rep, prospect or unknown.';
COMMENT ON COLUMN transcript_sentences.topic IS 'Gong''s topic of the passage.';
COMMENT ON COLUMN transcript_sentences.start_ms IS 'Start, milliseconds from the start of the call.';
COMMENT ON COLUMN transcript_sentences.end_ms IS 'End, milliseconds from the start of the call.';
COMMENT ON COLUMN transcript_sentences.text IS 'The sentence.';
