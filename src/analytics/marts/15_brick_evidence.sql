-- needs: semarize_bricks, stream_transcripts
-- Quotes can be invented. The cheap check: letters and digits of the quote, in lower case, occur in a row in the text.
CREATE OR REPLACE VIEW brick_evidence AS
WITH numbered AS (
  SELECT run_id, brick_key, call_id, kit_code, kit_version_id, unnest(evidence) AS quote,
    generate_subscripts(evidence, 1) AS quote_no
  FROM semarize_bricks
),
quotes AS (
  SELECT *, regexp_replace(lower(quote), '[^\p{L}\p{N}]', '', 'g') AS plain FROM numbered WHERE quote IS NOT NULL
)
SELECT
  q.run_id, q.brick_key, q.quote_no, q.call_id, q.kit_code, q.kit_version_id, q.quote,
  CASE
    WHEN q.plain = '' OR t."text" IS NULL THEN NULL
    -- Most quotes are there as they are: a text is taken to pieces only for the others, which costs most of the time.
    WHEN contains(lower(t."text"), lower(q.quote)) THEN true
    ELSE contains(regexp_replace(lower(t."text"), '[^\p{L}\p{N}]', '', 'g'), q.plain)
  END AS found_in_transcript
FROM quotes q LEFT JOIN stream_transcripts t ON t.call_id = q.call_id;

COMMENT ON VIEW brick_evidence IS 'The quotes of every answer, one row a run, brick and quote. Made by gong-elt.';
COMMENT ON COLUMN brick_evidence.run_id IS 'Key. The run.';
COMMENT ON COLUMN brick_evidence.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN brick_evidence.quote_no IS 'Key. Place of the quote in the answer, from 1.';
COMMENT ON COLUMN brick_evidence.call_id IS 'The call.';
COMMENT ON COLUMN brick_evidence.kit_code IS 'The kit.';
COMMENT ON COLUMN brick_evidence.kit_version_id IS 'The version of the kit.';
COMMENT ON COLUMN brick_evidence.quote IS 'The quote.';
COMMENT ON COLUMN brick_evidence.found_in_transcript IS 'Does it occur in the text, but for case, punctuation and spaces? NULL where no text is stored, or the quote has no letter.';
