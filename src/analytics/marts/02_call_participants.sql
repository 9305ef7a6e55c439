-- needs: stream_calls
CREATE OR REPLACE VIEW call_participants AS
WITH listed AS (
  SELECT call_id, TRY_CAST(parties AS STRUCT(
    party_id VARCHAR, speaker_id VARCHAR, user_id VARCHAR, name VARCHAR, email VARCHAR, title VARCHAR, phone VARCHAR,
    affiliation VARCHAR, role VARCHAR, methods VARCHAR[],
    crm_ids STRUCT(system VARCHAR, object_type VARCHAR, object_id VARCHAR)[])[]) AS parties
  FROM stream_calls
),
numbered AS (
  SELECT call_id, unnest(parties) AS party, generate_subscripts(parties, 1) AS party_no FROM listed
)
SELECT
  call_id, party_no, party.party_id, party.speaker_id, party.user_id, party.name, party.email, party.title, party.phone,
  party.affiliation, party.role, party.methods, party.crm_ids
FROM numbered;

COMMENT ON VIEW call_participants IS 'Who was on a call, one row a call and party. Made by gong-elt.';
COMMENT ON COLUMN call_participants.call_id IS 'Key. The call.';
COMMENT ON COLUMN call_participants.party_no IS 'Key. Place in the list of parties, from 1.';
COMMENT ON COLUMN call_participants.party_id IS 'Gong''s id of this person on this call. Never joins sentences: speaker_id does.';
COMMENT ON COLUMN call_participants.speaker_id IS 'Joins transcript_sentences.speaker_id within the call; NULL for someone who never spoke.';
COMMENT ON COLUMN call_participants.user_id IS 'Gong user, for people of the own company.';
COMMENT ON COLUMN call_participants.name IS 'Name as Gong has it.';
COMMENT ON COLUMN call_participants.email IS 'E-mail address.';
COMMENT ON COLUMN call_participants.title IS 'Job title.';
COMMENT ON COLUMN call_participants.phone IS 'Phone number.';
COMMENT ON COLUMN call_participants.affiliation IS 'Internal, External or Unknown, as Gong says.';
COMMENT ON COLUMN call_participants.role IS 'rep (internal), prospect (external) or unknown.';
COMMENT ON COLUMN call_participants.methods IS 'How the person took part: Invitee, Attendee.';
COMMENT ON COLUMN call_participants.crm_ids IS 'CRM records of this person: system, object_type, object_id.';
