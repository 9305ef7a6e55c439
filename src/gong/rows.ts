// Gong's answers → rows of `calls` and `transcripts`. The only place where its names become column names.
import { canonicalJson, sha256 } from '../core/hash.ts';
import type { JsonObject } from '../core/json.ts';
import { accountOf, type DealReading, dealsOf, primaryDeal, toCrmObjects, wasClosed } from './crm.ts';
import { parseInstant, toIsoInstant } from './instants.ts';
import { present } from './lists.ts';
import type { CallRow, Party, TranscriptRow } from './row-schemas.ts';
import type { GongCall, GongParty, GongTranscript, GongUser } from './schemas.ts';
import { buildTranscript } from './transcript-text.ts';

export interface TranscriptStatus {
  readonly status: NonNullable<CallRow['transcript_status']>;
  readonly reason: string | null;
}

export interface RowContext {
  /** Milliseconds since the epoch: when the answer was read. */
  readonly readAt: number;
  readonly users: ReadonlyMap<string, GongUser>;
}

/** Milliseconds since the epoch, or undefined: Gong's start of the call. */
export function startOf(call: GongCall): number | undefined {
  return parseInstant(call.metaData.started);
}

/** When the call ended, milliseconds since the epoch. */
export function endOf(call: GongCall): number {
  return (startOf(call) ?? 0) + (call.metaData.duration ?? 0) * 1000;
}

export function toCallRow(call: GongCall, transcript: TranscriptStatus, context: RowContext): CallRow {
  const { metaData } = call;
  const startedAt = startOf(call) ?? 0;
  const readAt = new Date(context.readAt).toISOString();
  const crmObjects = toCrmObjects(call.context);
  const deals = dealsOf(crmObjects);
  const deal = primaryDeal(deals, startedAt);
  const account = accountOf(crmObjects);
  const parties = present(call.parties).map(toParty);
  const raw = withoutMediaLinks(call);
  return {
    call_id: metaData.id,
    workspace_id: unset(metaData.workspaceId),
    url: unset(metaData.url),
    title: unset(metaData.title),
    started_at: toIsoInstant(metaData.started),
    scheduled_at: toIsoInstant(metaData.scheduled),
    duration_s: metaData.duration ?? null,
    direction: lower(metaData.direction),
    scope: lower(metaData.scope),
    system: unset(metaData.system),
    recording: lower(metaData.media),
    language: unset(metaData.language),
    purpose: unset(metaData.purpose),
    is_private: metaData.isPrivate ?? null,
    ...ownerOf(metaData.primaryUserId, parties, context.users),
    parties,
    crm_system: deal?.system ?? crmObjects[0]?.system ?? null,
    account_id: account?.id ?? null,
    account_name: account?.name ?? null,
    opportunity_id: deal?.id ?? null,
    opportunity_name: deal?.now?.name ?? deal?.atCall?.name ?? null,
    opportunity_type: deal?.atCall?.type ?? deal?.now?.type ?? null,
    opportunity_count: deals.length,
    ...dealColumns(deal?.atCall, deal?.now),
    crm_objects: crmObjects,
    context_read_at: readAt,
    closed_seen_at: wasClosed(deal?.now) ? readAt : null,
    transcript_status: transcript.status,
    transcript_status_reason: transcript.reason,
    transcript_status_at: readAt,
    gone_at: null,
    content_hash: sha256(canonicalJson(raw)),
    extracted_at: readAt,
    raw,
  };
}

function dealColumns(then: DealReading | undefined, now: DealReading | undefined) {
  return {
    stage_at_call: then?.stage ?? null,
    stage_now: now?.stage ?? null,
    amount_at_call: then?.amount ?? null,
    amount_now: now?.amount ?? null,
    close_date_at_call: then?.closeDate ?? null,
    close_date_now: now?.closeDate ?? null,
    probability_at_call: then?.probability ?? null,
    probability_now: now?.probability ?? null,
    currency: now?.currency ?? then?.currency ?? null,
    is_closed_now: now?.isClosed ?? null,
    is_won_now: now?.isWon ?? null,
  };
}

/** The row of a transcript with its text, or undefined when Gong has no spoken words of the call (yet). */
export function toTranscriptRow(
  call: GongCall,
  transcript: GongTranscript,
  context: RowContext,
): TranscriptRow | undefined {
  const built = buildTranscript(transcript, present(call.parties).map(toParty));
  if (built === undefined) return undefined;
  return {
    call_id: call.metaData.id,
    started_at: toIsoInstant(call.metaData.started),
    ...built,
    extracted_at: new Date(context.readAt).toISOString(),
  };
}

/** What takes the place of a stored transcript when its call has turned private: the key, and no words. */
export function toWithheldTranscriptRow(call: GongCall, context: RowContext): TranscriptRow {
  return {
    call_id: call.metaData.id,
    started_at: toIsoInstant(call.metaData.started),
    text: null,
    sentences: [],
    transcript_hash: sha256(''),
    n_sentences: null,
    n_turns: null,
    n_speakers: null,
    n_chars: null,
    unattributed_share: null,
    extracted_at: new Date(context.readAt).toISOString(),
  };
}

function toParty(party: GongParty): Party {
  const affiliation = lower(party.affiliation);
  return {
    party_id: unset(party.id),
    speaker_id: unset(party.speakerId),
    user_id: unset(party.userId),
    name: unset(party.name),
    email: unset(party.emailAddress),
    title: unset(party.title),
    phone: unset(party.phoneNumber),
    affiliation,
    role: affiliation === 'internal' ? 'rep' : affiliation === 'external' ? 'prospect' : 'unknown',
    methods: present(party.methods),
    crm_ids: toCrmObjects(party.context).map(({ system, object_type, object_id }) => ({
      system,
      object_type,
      object_id,
    })),
  };
}

function ownerOf(
  userId: string | null | undefined,
  parties: readonly Party[],
  users: ReadonlyMap<string, GongUser>,
): Pick<CallRow, 'owner_user_id' | 'owner_name' | 'owner_email'> {
  if (!userId) return { owner_user_id: null, owner_name: null, owner_email: null };
  const party = parties.find((candidate) => candidate.user_id === userId);
  const user = users.get(userId);
  const userName = [user?.firstName, user?.lastName].filter((part) => part).join(' ');
  return {
    owner_user_id: userId,
    owner_name: party?.name ?? (userName === '' ? null : userName),
    owner_email: party?.email ?? unset(user?.emailAddress),
  };
}

/** Is the owner's name not among the parties, so that the list of users is needed? */
export function needsUsers(call: GongCall): boolean {
  const { primaryUserId } = call.metaData;
  if (!primaryUserId) return false;
  return !present(call.parties).some((party) => party.userId === primaryUserId && party.name && party.emailAddress);
}

/** Presigned links are new at each read: they would make every read a change, and they expire. */
function withoutMediaLinks(call: GongCall): JsonObject {
  const { media: _, ...rest } = call.raw;
  return rest;
}

function unset(value: string | null | undefined): string | null {
  return value === undefined || value === '' ? null : (value ?? null);
}

function lower(value: string | null | undefined): string | null {
  return unset(value)?.toLowerCase() ?? null;
}
