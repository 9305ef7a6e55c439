// The invented company: what there is, before any protocol. Light facts are kept; speech, parties and CRM context are made on
// demand from (seed, call), so that a world of 30,000 calls stays small.
import type { JsonObject } from '../../core/json.ts';

export interface WorldUser {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly title: string;
  readonly managerId: string | null;
  readonly active: boolean;
  readonly createdMs: number;
  /** Minutes east of UTC: how Gong writes the times of this host's calls. */
  readonly utcOffsetMinutes: number;
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly industry: string;
}

export interface Deal {
  readonly id: string;
  readonly name: string;
  readonly type: 'New Business' | 'Renewal';
  readonly leadSource: string | null;
  readonly currency: string;
  /** By time; the last amount is what the deal was worth in the end. */
  readonly amounts: readonly { readonly fromMs: number; readonly amount: number }[];
  readonly stages: readonly { readonly fromMs: number; readonly stage: string; readonly probability: number }[];
  /** Planned close date while open; the real one from `closedMs` on. */
  readonly plannedCloseMs: number;
  /** Infinity: still open. */
  readonly closedMs: number;
  readonly won: boolean;
  /** How well it goes, standard normal: what scores and outcome have in common. */
  readonly quality: number;
}

/** When things happen to a call, milliseconds since the epoch; Infinity is never, -Infinity is from the start. */
export interface CallLife {
  /** Gong has processed it and lists it. */
  readonly visibleMs: number;
  readonly transcriptMs: number;
  /** Before this the transcript holds only its first part. */
  readonly completeMs: number;
  /** Gong's AI content appears. */
  readonly contentMs: number;
  /** Title and AI content change. */
  readonly editedMs: number;
  /** Words of the transcript change. */
  readonly textEditedMs: number;
  readonly privateMs: number;
  readonly erasedMs: number;
}

export interface Sentence {
  /** Milliseconds from the start of the call. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Monologue {
  readonly speakerId: string | null;
  readonly topic: string | null;
  readonly sentences: readonly Sentence[];
}

export interface WorldParty {
  readonly id: string;
  readonly speakerId: string | null;
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  readonly emailAddress?: string | undefined;
  readonly title?: string | undefined;
  readonly phoneNumber?: string | undefined;
  readonly affiliation: 'Internal' | 'External' | 'Unknown';
  readonly methods: readonly string[];
  readonly crmId?: { readonly objectType: string; readonly objectId: string } | undefined;
}

/** `failed` and `cancelled` are ends of a run; a number is `overall_score`; an object overrides single bricks (raw results). */
export type GivenRun = 'failed' | 'cancelled' | number | JsonObject;

export interface WorldCall {
  /** Creation order: the branch of the seed from which details are made. */
  readonly index: number;
  readonly id: string;
  readonly startedMs: number;
  readonly scheduledMs: number;
  /** Digits of the start below the millisecond, or null when Gong writes none. */
  readonly micros: number | null;
  readonly durationS: number;
  readonly title: string;
  readonly direction: 'Inbound' | 'Outbound' | 'Conference' | 'Unknown';
  readonly system: string;
  readonly scope: 'Internal' | 'External' | 'Unknown';
  readonly media: 'Video' | 'Audio';
  readonly language: string;
  readonly workspaceId: string;
  readonly host: WorldUser;
  readonly account: Account | null;
  /** The one the call is about comes first. */
  readonly deals: readonly Deal[];
  /** Gong knows no participants of this call. */
  readonly partiesMissing: boolean;
  readonly life: CallLife;
  /** Characters of speech to aim at. */
  readonly transcriptChars: number;
  readonly givenSpeech?: readonly Monologue[] | undefined;
  readonly givenParties?: readonly WorldParty[] | undefined;
  /** By kit code. */
  readonly givenRuns?: Readonly<Record<string, GivenRun>> | undefined;
}

export interface World {
  /** What it was made from: `restoreWorld(parameters)` makes it again, byte for byte. */
  readonly parameters: JsonObject;
  readonly seed: number;
  /** By start, then by creation. */
  readonly calls: readonly WorldCall[];
  readonly users: readonly WorldUser[];
  readonly workspaces: readonly Workspace[];
  /** `none`: no CRM is connected. */
  readonly crm: 'Salesforce' | 'none';
  /** Share of runs that fail and of bricks with something odd (null, no confidence, text as evidence, unknown fields). */
  readonly oddities: number;
  callById(id: string): WorldCall | undefined;
}

/** While it is made. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };
export type CallDraft = Draft<WorldCall>;
