// The columns of the streams `calls` and `transcripts`. Ids are text: Gong's have up to 20 digits.
import { z } from 'zod';
import { closed, day, flag, instant, integer, number, openObject, text } from '../core/row-fields.ts';

const crmId = z.object({ system: text(), object_type: text(), object_id: text() });

const party = z.object({
  party_id: text(),
  speaker_id: text().describe('Joins sentences; null for someone who never spoke.'),
  user_id: text(),
  name: text(),
  email: text(),
  title: text(),
  phone: text(),
  affiliation: text(),
  role: text().describe('rep (internal), prospect (external) or unknown.'),
  methods: z.array(z.string()),
  crm_ids: z.array(crmId),
});

const crmObject = z.object({
  system: text(),
  object_type: text(),
  object_id: text(),
  timing: text().describe('Now or TimeOfCall.'),
  fields: openObject().describe('Field name → value, any JSON type.'),
});

export const transcriptStatuses = [
  'available',
  'pending',
  'none',
  'private',
  'forbidden',
  'too_large',
  'gave_up',
  'not_requested',
] as const;

export const callRowSchema = z.object({
  call_id: z.string().describe('Key. Up to 20 digits, as text.'),
  workspace_id: text(),
  url: text().describe('Page of the call in the Gong app.'),
  title: text(),
  started_at: instant(),
  scheduled_at: instant(),
  duration_s: integer().describe('Seconds.'),
  direction: text().describe('inbound, outbound, conference or unknown.'),
  scope: text().describe('internal, external or unknown.'),
  system: text().describe('Zoom, Teams, a dialler, …'),
  recording: text().describe('video, audio or null.'),
  language: text().describe('ISO 639-2; zxx too little speech, und unsupported.'),
  purpose: text(),
  is_private: flag(),
  owner_user_id: text(),
  owner_name: text(),
  owner_email: text(),
  parties: closed(z.array(party)),
  crm_system: text(),
  account_id: text(),
  account_name: text(),
  opportunity_id: text().describe('The primary deal: open at the time of the call, nearest close date first.'),
  opportunity_name: text(),
  opportunity_type: text(),
  opportunity_count: integer(),
  stage_at_call: text(),
  stage_now: text().describe('As of context_read_at.'),
  amount_at_call: number(),
  amount_now: number(),
  close_date_at_call: day(),
  close_date_now: day(),
  probability_at_call: number(),
  probability_now: number(),
  currency: text(),
  is_closed_now: flag(),
  is_won_now: flag(),
  crm_objects: closed(z.array(crmObject)),
  context_read_at: instant().describe('When the _now columns were read.'),
  closed_seen_at: instant().describe('The first read that showed the deal closed.'),
  transcript_status: z.enum(transcriptStatuses).nullable(),
  transcript_status_reason: text(),
  transcript_status_at: instant(),
  gone_at: instant().describe('A re-read no longer returned the call.'),
  content_hash: text().describe('sha256 over what Gong said of the call, media links left out.'),
  extracted_at: instant(),
  raw: openObject().describe('The call as Gong sent it, media links left out.'),
});

const sentence = z.object({
  idx: z.int(),
  turn: z.int(),
  speaker_id: text(),
  speaker_name: text(),
  role: text(),
  topic: text(),
  start_ms: integer().describe('Milliseconds from the start of the call.'),
  end_ms: integer(),
  text: text(),
});

export const transcriptRowSchema = z.object({
  call_id: z.string().describe('Key.'),
  started_at: instant().describe('Copied from the call.'),
  text: text().describe('One line a turn: `Name (role): …`.'),
  sentences: closed(z.array(sentence)),
  transcript_hash: z.string().describe('sha256 over text, order and speaker labels.'),
  n_sentences: integer(),
  n_turns: integer(),
  n_speakers: integer(),
  n_chars: integer(),
  unattributed_share: number().describe('Share of speaking time without a known party, 0–1.'),
  extracted_at: instant(),
});

export type CallRow = z.infer<typeof callRowSchema>;
export type TranscriptRow = z.infer<typeof transcriptRowSchema>;
export type Party = z.infer<typeof party>;
export type CrmObject = z.infer<typeof crmObject>;
export type Sentence = z.infer<typeof sentence>;
