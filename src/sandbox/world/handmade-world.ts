// A world written by hand for a test: name the facts that matter, the rest has sober defaults and no oddities.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { createRandom, type Random } from '../random.ts';
import { finishWorld, makeUsers, makeWorkspaces } from './create-world.ts';
import type { Account, Deal, GivenRun, Monologue, World, WorldCall, WorldParty } from './world.ts';

/** An instant: ISO 8601 with Z or an offset, or milliseconds since the epoch. */
export type Instant = string | number;

export interface HandmadeDeal {
  /** Calls that name the same id share the deal; the first one that describes it wins. */
  id: string;
  name?: string;
  accountName?: string;
  type?: Deal['type'];
  amount?: number;
  currency?: string;
  /** Before and after `stageChangesAt`. */
  stageAtCall?: string;
  stageNow?: string;
  stageChangesAt?: Instant;
  closeDate?: Instant;
  /** Left out: the deal stays open. */
  closedAt?: Instant;
  won?: boolean;
}

export interface HandmadeCall {
  id?: string;
  started: Instant;
  scheduled?: Instant;
  /** Digits below the millisecond, 0 to 999. */
  micros?: number;
  durationS?: number;
  title?: string;
  direction?: WorldCall['direction'];
  system?: string;
  scope?: WorldCall['scope'];
  media?: WorldCall['media'];
  language?: string;
  workspaceId?: string;
  /** Which of the world's users hosts it (0 and 1 are managers' ranks; default 3). */
  host?: number;
  utcOffsetMinutes?: number;
  /** Default: as soon as the call ended. */
  visibleAt?: Instant;
  /** Default: as soon as it is visible. Null: never. */
  transcriptAt?: Instant | null;
  completeAt?: Instant;
  contentAt?: Instant;
  editedAt?: Instant;
  textEditedAt?: Instant;
  /** True: from the start. */
  private?: boolean | Instant;
  erasedAt?: Instant;
  deals?: HandmadeDeal[];
  /** Null: Gong knows no participants. */
  parties?: WorldParty[] | null;
  /** Monologues as Gong sends them; `[]` is an empty transcript. */
  transcript?: Monologue[];
  /** Characters of invented speech, when `transcript` is not given. */
  transcriptBytes?: number;
  /** By kit code: how runs of this call end. */
  runs?: Record<string, GivenRun>;
}

export interface HandmadeOptions {
  seed?: number;
  utcOffsetMinutes?: number;
  crm?: World['crm'];
}

export function createHandmadeWorld(calls: readonly HandmadeCall[], options: HandmadeOptions = {}): World {
  const parameters = {
    kind: 'handmade',
    calls: calls as unknown as JsonValue,
    seed: options.seed ?? 1,
    utcOffsetMinutes: options.utcOffsetMinutes ?? 120,
    crm: options.crm ?? 'Salesforce',
  } satisfies JsonObject;
  const random = createRandom(parameters.seed, 'handmade');
  const workspaces = makeWorkspaces(random);
  const users = makeUsers(random, 1, 0, parameters.utcOffsetMinutes).map((user) => ({
    ...user,
    utcOffsetMinutes: parameters.utcOffsetMinutes,
  }));
  const deals = makeDeals(calls);
  const world = { parameters, seed: parameters.seed, users, workspaces, crm: parameters.crm, oddities: 0 };
  return finishWorld(
    world,
    calls.map((call, index) => toWorldCall(call, index, random, world, deals)),
  );
}

function toWorldCall(
  given: HandmadeCall,
  index: number,
  random: Random,
  world: Pick<World, 'users' | 'workspaces'>,
  deals: ReadonlyMap<string, { deal: Deal; account: Account }>,
): WorldCall {
  const host = world.users[given.host ?? 3];
  if (!host) throw new RangeError(`call ${index}: no user number ${given.host}`);
  const own = (given.deals ?? []).flatMap(({ id }) => deals.get(id) ?? []);
  const startedMs = toMs(given.started);
  const durationS = given.durationS ?? 1800;
  const visibleMs = toMs(given.visibleAt ?? startedMs + durationS * 1000);
  const transcriptMs = given.transcriptAt === null ? never : toMs(given.transcriptAt ?? visibleMs);
  return {
    index,
    id: given.id ?? random.id(index),
    startedMs,
    scheduledMs: toMs(given.scheduled ?? startedMs),
    micros: given.micros ?? null,
    durationS,
    title: given.title ?? `Call ${index + 1}`,
    direction: given.direction ?? 'Conference',
    system: given.system ?? 'Zoom',
    scope: given.scope ?? 'External',
    media: given.media ?? 'Video',
    language: given.language ?? 'eng',
    workspaceId: given.workspaceId ?? world.workspaces[0]?.id ?? '',
    host: given.utcOffsetMinutes === undefined ? host : { ...host, utcOffsetMinutes: given.utcOffsetMinutes },
    account: own[0]?.account ?? null,
    deals: own.map(({ deal }) => deal),
    partiesMissing: given.parties === null,
    life: {
      visibleMs,
      transcriptMs,
      completeMs: toMs(given.completeAt ?? transcriptMs),
      contentMs: toMs(given.contentAt ?? visibleMs),
      editedMs: toMs(given.editedAt ?? never),
      textEditedMs: toMs(given.textEditedAt ?? never),
      privateMs: typeof given.private === 'boolean' ? (given.private ? -never : never) : toMs(given.private ?? never),
      erasedMs: toMs(given.erasedAt ?? never),
    },
    transcriptChars: given.transcriptBytes ?? 1500,
    givenSpeech: given.transcript,
    givenParties: given.parties ?? undefined,
    givenRuns: given.runs,
  };
}

const never = Number.POSITIVE_INFINITY;

function toMs(instant: Instant): number {
  const ms = typeof instant === 'number' ? instant : Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError(`not an instant: ${instant}`);
  return ms;
}

function makeDeals(calls: readonly HandmadeCall[]): Map<string, { deal: Deal; account: Account }> {
  const deals = new Map<string, { deal: Deal; account: Account }>();
  for (const call of calls)
    for (const given of call.deals ?? [])
      if (!deals.has(given.id)) deals.set(given.id, makeDeal(given, toMs(call.started)));
  return deals;
}

function makeDeal(given: HandmadeDeal, startedMs: number): { deal: Deal; account: Account } {
  const accountName = given.accountName ?? 'Acme Corp';
  const stage = given.stageAtCall ?? 'Needs Analysis';
  const closedMs = toMs(given.closedAt ?? never);
  const domain = `${accountName.toLowerCase().replace(/[^a-z]+/g, '-')}.example`;
  return {
    account: {
      id: `001${accountName.length}${given.id}`.slice(0, 18),
      name: accountName,
      domain,
      industry: 'Manufacturing',
    },
    deal: {
      id: given.id,
      name: given.name ?? `${accountName} – New Business`,
      type: given.type ?? 'New Business',
      leadSource: 'Web',
      currency: given.currency ?? 'USD',
      amounts: [{ fromMs: 0, amount: given.amount ?? 85_000 }],
      stages: [
        { fromMs: 0, stage, probability: 20 },
        ...(given.stageNow === undefined
          ? []
          : [{ fromMs: toMs(given.stageChangesAt ?? startedMs + 1), stage: given.stageNow, probability: 50 }]),
      ],
      plannedCloseMs: toMs(given.closeDate ?? given.closedAt ?? startedMs + 30 * 86_400_000),
      closedMs,
      won: given.won ?? false,
      quality: given.won ? 1 : 0,
    },
  };
}
