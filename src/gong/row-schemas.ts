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
  workspace_id: text().describe('Workspace of Gong.'),
  url: text().describe('Page of the call in the Gong app.'),
  title: text().describe('Title of the call.'),
  started_at: instant().describe('When the call started, UTC.'),
  scheduled_at: instant().describe('When it was to start, UTC.'),
  duration_s: integer().describe('Seconds.'),
  direction: text().describe('inbound, outbound, conference or unknown.'),
  scope: text().describe('internal, external or unknown.'),
  system: text().describe('Zoom, Teams, a dialler, …'),
  recording: text().describe('video, audio or null.'),
  language: text().describe('ISO 639-2; zxx too little speech, und unsupported.'),
  purpose: text().describe('Purpose of the call, as Gong says.'),
  is_private: flag().describe('Private calls come as metadata only, unless the settings say otherwise.'),
  owner_user_id: text().describe('The Gong user that owns the call.'),
  owner_name: text().describe('Name of the owner.'),
  owner_email: text().describe('E-mail address of the owner.'),
  parties: closed(z.array(party)).describe('Who was on the call, one element a party.'),
  crm_system: text().describe('Salesforce, HubSpot, …'),
  account_id: text().describe('The account in the CRM.'),
  account_name: text().describe('Name of the account.'),
  opportunity_id: text().describe('The primary deal: open at the time of the call, nearest close date first.'),
  opportunity_name: text().describe('Name of the deal.'),
  opportunity_type: text().describe('Type of the deal: tells new business from renewals.'),
  opportunity_count: integer().describe('Deals in the context of the call.'),
  stage_at_call: text().describe('Stage of the deal at the time of the call.'),
  stage_now: text().describe('As of context_read_at.'),
  amount_at_call: number().describe('Amount at the time of the call, in currency.'),
  amount_now: number().describe('Amount as of context_read_at, in currency.'),
  close_date_at_call: day().describe('Planned close at the time of the call.'),
  close_date_now: day().describe('Close date as of context_read_at.'),
  probability_at_call: number().describe('Probability at the time of the call, as the CRM has it.'),
  probability_now: number().describe('Probability as of context_read_at, as the CRM has it.'),
  currency: text().describe('Currency of the amounts.'),
  is_closed_now: flag().describe('Has the deal ended, as of context_read_at? Only where the CRM says so by a field.'),
  is_won_now: flag().describe('Was it won, as of context_read_at? Only where the CRM says so by a field.'),
  crm_objects: closed(z.array(crmObject)).describe('The whole CRM context, one element an object and timing.'),
  context_read_at: instant().describe('When the _now columns were read.'),
  closed_seen_at: instant().describe('The first read that showed the deal closed.'),
  transcript_status: z
    .enum(transcriptStatuses)
    .nullable()
    .describe('What became of the transcript; never silently missing.'),
  transcript_status_reason: text().describe('Why, where the status alone does not say.'),
  transcript_status_at: instant().describe('When the status was last looked at, UTC.'),
  gone_at: instant().describe('A re-read no longer returned the call.'),
  content_hash: text().describe('sha256 over what Gong said of the call, media links left out.'),
  extracted_at: instant().describe('When the row was read from Gong, UTC.'),
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
  sentences: closed(z.array(sentence)).describe('What was said, one element a sentence, in order of time.'),
  transcript_hash: z.string().describe('sha256 over text, order and speaker labels.'),
  n_sentences: integer().describe('Sentences.'),
  n_turns: integer().describe('Turns: sentences of one speaker in a row are one.'),
  n_speakers: integer().describe('Speakers.'),
  n_chars: integer().describe('Characters of text.'),
  unattributed_share: number().describe('Share of speaking time without a known party, 0–1.'),
  extracted_at: instant().describe('When the row was read from Gong, UTC.'),
});

export type CallRow = z.infer<typeof callRowSchema>;
export type TranscriptRow = z.infer<typeof transcriptRowSchema>;
export type Party = z.infer<typeof party>;
export type CrmObject = z.infer<typeof crmObject>;
export type Sentence = z.infer<typeof sentence>;
