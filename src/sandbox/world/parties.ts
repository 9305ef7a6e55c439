// Who took part in a call, made on demand.
import { createRandom, type Random } from '../random.ts';
import { firstNames, lastNames, prospectTitles } from './names.ts';
import type { World, WorldCall, WorldParty, WorldUser } from './world.ts';

/** The participants, or undefined where Gong knows none although asked for them. */
export function partiesOf(world: World, call: WorldCall): readonly WorldParty[] | undefined {
  if (call.partiesMissing) return undefined;
  return call.givenParties ?? makeParties(world, call);
}

function makeParties(world: World, call: WorldCall): WorldParty[] {
  const random = createRandom(world.seed, 'parties', call.index);
  const odd = world.oddities > 0;
  const parties: WorldParty[] = [internalParty(call.host, random.id(), random.id())];
  if (call.scope === 'Internal' || random.chance(0.3)) {
    const colleague = random.pick(world.users);
    // An invited colleague who never spoke has no speaker id.
    if (colleague.id !== call.host.id)
      parties.push(
        internalParty(colleague, random.id(), call.scope !== 'Internal' && random.chance(0.3) ? null : random.id()),
      );
  }
  if (call.scope === 'Internal') return parties;
  const contacts = random.int(1, 3);
  for (let i = 0; i < contacts; i++) parties.push(contactParty(call, random, odd && random.chance(0.06)));
  if (odd && random.chance(0.05))
    parties.push({
      id: random.id(),
      speakerId: random.id(),
      phoneNumber: `+1415555${String(random.int(0, 9999)).padStart(4, '0')}`,
      affiliation: 'Unknown',
      methods: ['Attendee'],
    });
  return parties;
}

function internalParty(user: WorldUser, id: string, speakerId: string | null): WorldParty {
  return {
    id,
    speakerId,
    userId: user.id,
    name: `${user.firstName} ${user.lastName}`,
    emailAddress: user.email,
    title: user.title,
    affiliation: 'Internal',
    methods: speakerId === null ? ['Invitee'] : ['Invitee', 'Attendee'],
    crmId: { objectType: 'User', objectId: `005${user.id.slice(0, 15)}` },
  };
}

function contactParty(call: WorldCall, random: Random, dialledIn: boolean): WorldParty {
  const firstName = random.pick(firstNames);
  const lastName = random.pick(lastNames);
  const title = random.pick(prospectTitles);
  const [id, speakerId, contact] = [random.id(), random.id(), random.id()];
  if (dialledIn)
    return {
      id,
      speakerId,
      phoneNumber: `+4930901820${random.int(10, 99)}`,
      affiliation: 'Unknown',
      methods: ['Attendee'],
    };
  const mail = `${firstName}.${lastName}`
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z.]/g, '');
  return {
    id,
    speakerId,
    name: `${firstName} ${lastName}`,
    emailAddress: `${mail}@${call.account?.domain ?? 'prospect.example'}`,
    ...(random.chance(0.7) ? { title } : {}),
    affiliation: 'External',
    methods: ['Invitee', 'Attendee'],
    crmId: { objectType: random.chance(0.8) ? 'Contact' : 'Lead', objectId: `003${contact.slice(0, 15)}` },
  };
}
