-- Rows from outside (`gong-elt import`). Created empty, so that every view binds, and never emptied here.

CREATE TABLE IF NOT EXISTS ext_outcomes (
  opportunity_id VARCHAR NOT NULL, is_won BOOLEAN, closed_at TIMESTAMPTZ, is_closed BOOLEAN, amount DOUBLE, currency VARCHAR,
  stage VARCHAR, opportunity_type VARCHAR, opportunity_name VARCHAR, created_at TIMESTAMPTZ, outcome_as_of TIMESTAMPTZ);
COMMENT ON TABLE ext_outcomes IS 'Outcomes of deals from a file or a query, one row an opportunity. Made by gong-elt.';
COMMENT ON COLUMN ext_outcomes.opportunity_id IS 'Key. The opportunity of the CRM.';
COMMENT ON COLUMN ext_outcomes.is_won IS 'Was it won? NULL while it is open.';
COMMENT ON COLUMN ext_outcomes.closed_at IS 'When it ended; a day is its start in UTC.';
COMMENT ON COLUMN ext_outcomes.is_closed IS 'Has it ended? NULL: nobody said; then a won deal has, and a lost one whose closed_at has come by outcome_as_of.';
COMMENT ON COLUMN ext_outcomes.amount IS 'Amount in currency.';
COMMENT ON COLUMN ext_outcomes.currency IS 'Currency of the amount.';
COMMENT ON COLUMN ext_outcomes.stage IS 'Its stage.';
COMMENT ON COLUMN ext_outcomes.opportunity_type IS 'Its type: tells new business from renewals.';
COMMENT ON COLUMN ext_outcomes.opportunity_name IS 'Its name.';
COMMENT ON COLUMN ext_outcomes.created_at IS 'When it was created in the CRM.';
COMMENT ON COLUMN ext_outcomes.outcome_as_of IS 'When the CRM said so; where the file does not say: when the file was written.';

CREATE TABLE IF NOT EXISTS ext_conversations (
  call_id VARCHAR NOT NULL, source VARCHAR NOT NULL, conversation_id VARCHAR NOT NULL, title VARCHAR, url VARCHAR,
  started_at TIMESTAMPTZ, duration_s BIGINT, owner_email VARCHAR, owner_name VARCHAR, account_name VARCHAR,
  opportunity_id VARCHAR, has_external BOOLEAN, text VARCHAR,
  sentences STRUCT(idx BIGINT, turn BIGINT, speaker_id VARCHAR, speaker_name VARCHAR, "role" VARCHAR, topic VARCHAR,
    start_ms BIGINT, end_ms BIGINT, "text" VARCHAR)[],
  transcript_hash VARCHAR, n_sentences BIGINT, n_turns BIGINT, n_speakers BIGINT, n_chars BIGINT, unattributed_share DOUBLE,
  imported_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE ext_conversations IS 'Conversations of other recorders with their transcripts, one row a conversation. Made by gong-elt.';
COMMENT ON COLUMN ext_conversations.call_id IS 'Key. source:conversation_id, unlike the id of any call of Gong.';
COMMENT ON COLUMN ext_conversations.source IS 'The recorder, as Zoom or Teams.';
COMMENT ON COLUMN ext_conversations.conversation_id IS 'Id at the recorder.';
COMMENT ON COLUMN ext_conversations.title IS 'Its title.';
COMMENT ON COLUMN ext_conversations.url IS 'Its page.';
COMMENT ON COLUMN ext_conversations.started_at IS 'When it started.';
COMMENT ON COLUMN ext_conversations.duration_s IS 'Seconds; where the file does not say: to the end of the last sentence.';
COMMENT ON COLUMN ext_conversations.owner_email IS 'E-mail address of the rep.';
COMMENT ON COLUMN ext_conversations.owner_name IS 'Name of the rep.';
COMMENT ON COLUMN ext_conversations.account_name IS 'The account.';
COMMENT ON COLUMN ext_conversations.opportunity_id IS 'The deal.';
COMMENT ON COLUMN ext_conversations.has_external IS 'Was somebody from outside the company in it? NULL where nobody said.';
COMMENT ON COLUMN ext_conversations.text IS 'One line a turn: `Name (role): …`.';
COMMENT ON COLUMN ext_conversations.sentences IS 'As in transcripts.sentences.';
COMMENT ON COLUMN ext_conversations.transcript_hash IS 'sha256 over text, order and speaker labels.';
COMMENT ON COLUMN ext_conversations.n_sentences IS 'Sentences.';
COMMENT ON COLUMN ext_conversations.n_turns IS 'Turns.';
COMMENT ON COLUMN ext_conversations.n_speakers IS 'Speakers.';
COMMENT ON COLUMN ext_conversations.n_chars IS 'Characters of the text.';
COMMENT ON COLUMN ext_conversations.unattributed_share IS 'Share of speaking time without a known speaker, 0–1.';
COMMENT ON COLUMN ext_conversations.imported_at IS 'When the row was brought or last changed.';

CREATE TABLE IF NOT EXISTS ext_runs (
  run_id VARCHAR NOT NULL, call_id VARCHAR, started_at TIMESTAMPTZ, kit_code VARCHAR, kit_version_requested VARCHAR,
  kit_version_id VARCHAR, status VARCHAR, run_type VARCHAR, is_sandbox BOOLEAN, origin VARCHAR, transcript_hash VARCHAR,
  input_chars BIGINT, attempt BIGINT, idempotency_key VARCHAR, requested_at TIMESTAMPTZ, finished_at TIMESTAMPTZ,
  duration_ms BIGINT, error_code VARCHAR, error_message VARCHAR, error_user_message VARCHAR, bricks JSON, raw JSON,
  extracted_at TIMESTAMPTZ);
COMMENT ON TABLE ext_runs IS 'Runs made elsewhere and imported from a file, one row a run; columns as in semarize_runs. Made by gong-elt.';
