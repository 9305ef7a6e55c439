// The believable world: reps, accounts, opportunities with about four calls each, over some weeks that end at `endsAt`.
import { createRandom, type Random } from '../random.ts';
import { type DealDraft, makeDeals } from './deal-drafts.ts';
import { assignFates } from './fates.ts';
import { companyKinds, companyWords, firstNames, industries, lastNames, systems } from './names.ts';
import { dayMs, hourMs, toWorkingTime } from './time.ts';
import type { Account, CallDraft, Workspace, World, WorldCall, WorldUser } from './world.ts';

export interface WorldOptions {
  seed?: number;
  calls?: number;
  /** Milliseconds since the epoch; the last day before it is full of change. */
  endsAt?: number;
  /** How long before `endsAt` the first call may start. */
  days?: number;
  /** How the company writes times; one host in ten sits elsewhere. */
  utcOffsetMinutes?: number;
  crm?: World['crm'];
  /** Bytes of speech a call, instead of 1 to 6 kB. */
  transcriptBytes?: number;
  /** See World.oddities. */
  oddities?: number;
}

const defaultEnd = Date.UTC(2026, 10, 18, 12);

export function createWorld(options: WorldOptions = {}): World {
  const parameters = {
    kind: 'believable',
    seed: options.seed ?? 1,
    calls: options.calls ?? 200,
    endsAt: options.endsAt ?? defaultEnd,
    days: options.days ?? 60,
    utcOffsetMinutes: options.utcOffsetMinutes ?? 120,
    crm: options.crm ?? 'Salesforce',
    transcriptBytes: options.transcriptBytes ?? null,
    oddities: options.oddities ?? 0.03,
  };
  if (parameters.calls > 1_000_000) throw new RangeError('a world has at most 1,000,000 calls');
  const random = createRandom(parameters.seed, 'world');
  const beginsAt = parameters.endsAt - parameters.days * dayMs;
  const users = makeUsers(random, parameters.calls, beginsAt, parameters.utcOffsetMinutes);
  const workspaces = makeWorkspaces(random);
  const hosts = users.filter((user) => user.active && user.title.startsWith('Account'));
  const calls: CallDraft[] = [];
  const deals = makeDeals(random, parameters.calls, beginsAt, parameters.endsAt, () => makeAccount(random));
  for (const deal of deals) {
    const host = random.pick(hosts);
    for (const startMs of deal.callStarts)
      calls.push(makeCall(random, calls.length, deal, host, startMs, parameters, workspaces));
  }
  assignFates(random, calls, parameters.endsAt);
  return finishWorld(
    { parameters, seed: parameters.seed, users, workspaces, crm: parameters.crm, oddities: parameters.oddities },
    calls,
  );
}

/** Sorts the calls and adds the index by id. */
export function finishWorld(world: Omit<World, 'calls' | 'callById'>, unsorted: readonly WorldCall[]): World {
  const calls = unsorted.toSorted((a, b) => a.startedMs - b.startedMs || a.index - b.index);
  const byId = new Map(calls.map((call) => [call.id, call]));
  if (byId.size !== calls.length) throw new RangeError('two calls have the same id');
  return { ...world, calls, callById: (id) => byId.get(id) };
}

export function makeWorkspaces(random: Random): Workspace[] {
  return [
    { id: random.id(), name: 'Initial workspace', description: 'Default workspace' },
    { id: random.id(), name: 'EMEA', description: 'Europe, Middle East and Africa' },
  ];
}

export function makeUsers(random: Random, calls: number, beginsAt: number, utcOffsetMinutes: number): WorldUser[] {
  const users: WorldUser[] = [];
  const add = (title: string, managerId: string | null, active = true) => {
    const [firstName, lastName] = [random.pick(firstNames), random.pick(lastNames)];
    const n = users.length;
    const mail = `${firstName}.${lastName}`
      .toLowerCase()
      .normalize('NFD')
      .replace(/[^a-z.]/g, '');
    const user: WorldUser = {
      id: random.id(n),
      firstName,
      lastName,
      email: `${mail}${n}@seller.example`,
      title,
      managerId,
      active,
      createdMs: beginsAt - random.int(30, 900) * dayMs,
      utcOffsetMinutes: n % 10 === 7 ? 330 : utcOffsetMinutes,
    };
    users.push(user);
    return user;
  };
  const head = add('VP Sales', null);
  const managers = [add('Sales Manager', head.id), add('Sales Manager', head.id)];
  const reps = Math.max(6, Math.min(120, Math.round(calls / 25)));
  for (let i = 0; i < reps; i++) add('Account Executive', random.pick(managers).id);
  add('Solutions Engineer', head.id);
  add('Account Executive', random.pick(managers).id, false);
  return users;
}

function makeAccount(random: Random): Account {
  const [word, kind] = [random.pick(companyWords), random.int(0, companyKinds.length - 1)];
  const name = `${word} ${companyKinds[kind]}`;
  return {
    id: `001${random.id().slice(0, 15)}`,
    name,
    domain: `${name.toLowerCase().replace(/[^a-z]+/g, '-')}.example`,
    industry: industries[kind] ?? 'Other',
  };
}

const callNames = [
  'Intro call',
  'Discovery call',
  'Product demo',
  'Technical demo',
  'Pricing review',
  'Negotiation',
  'Closing call',
];

function makeCall(
  random: Random,
  index: number,
  deal: DealDraft,
  host: WorldUser,
  startMs: number,
  parameters: { endsAt: number; transcriptBytes: number | null },
  workspaces: readonly Workspace[],
): CallDraft {
  const startedMs = toWorkingTime(startMs, host.utcOffsetMinutes, parameters.endsAt, random);
  const system = random.pick(systems);
  const isConference = system !== 'Gong Connect';
  const isInternal = random.chance(0.05);
  const durationS = random.int(600, 3600);
  const position = deal.callStarts.indexOf(startMs);
  const name = callNames[Math.min(position, callNames.length - 1)];
  // Meetings are planned for the half hour; the recording starts a little later, or earlier when all are there.
  const halfHour = Math.floor(startedMs / (hourMs / 2)) * (hourMs / 2);
  const endMs = startedMs + durationS * 1000;
  const visibleMs = endMs + random.int(5, 40) * 60_000;
  const transcriptMs = visibleMs + (random.chance(0.15) ? random.int(1, 20) * 60_000 : 0);
  return {
    index,
    id: random.id((index * 387_641 + 12_345) % 1_000_000),
    startedMs,
    scheduledMs: isConference ? halfHour + (random.chance(0.15) ? hourMs / 2 : 0) : startedMs,
    micros: random.chance(0.3) ? random.int(0, 999) : null,
    durationS,
    title: isInternal
      ? `${deal.account?.name ?? 'Pipeline'}: deal review`
      : `${deal.account?.name ?? 'Prospect'}: ${name}`,
    direction: isConference ? 'Conference' : random.pick(['Inbound', 'Outbound', 'Outbound', 'Unknown'] as const),
    system,
    scope: isInternal ? 'Internal' : 'External',
    media: isConference ? 'Video' : 'Audio',
    language: 'eng',
    workspaceId: (random.chance(0.85) ? workspaces[0] : workspaces[1])?.id ?? '',
    host,
    account: deal.account,
    deals: deal.dealsOfCallAt(startedMs),
    partiesMissing: false,
    life: {
      visibleMs,
      transcriptMs,
      completeMs: transcriptMs,
      contentMs: transcriptMs + random.int(5, 30) * 60_000,
      editedMs: Number.POSITIVE_INFINITY,
      textEditedMs: Number.POSITIVE_INFINITY,
      privateMs: Number.POSITIVE_INFINITY,
      erasedMs: Number.POSITIVE_INFINITY,
    },
    transcriptChars: parameters.transcriptBytes ?? random.int(1000, 6000),
  };
}
