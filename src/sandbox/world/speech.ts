// The spoken words of a call, made on demand: turns of several speakers through topics, with times that fit the duration.
import { createRandom, type Random } from '../random.ts';
import { type SpeechVersion, speechVersionAt } from './life.ts';
import { partiesOf } from './parties.ts';
import { fillings, pains, type Side, topics } from './phrases.ts';
import type { Monologue, Sentence, World, WorldCall } from './world.ts';

interface Speaker {
  readonly speakerId: string | null;
  readonly side: Side;
}

/** The words that Gong's transcript holds at `nowMs`, or undefined where it has none. */
export function speechAt(world: World, call: WorldCall, nowMs: number): readonly Monologue[] | undefined {
  const version = speechVersionAt(call, nowMs);
  return version === 'none' ? undefined : speechOf(world, call, version);
}

export function speechOf(world: World, call: WorldCall, version: SpeechVersion = 'complete'): readonly Monologue[] {
  const whole = call.givenSpeech ?? makeSpeech(world, call);
  if (version === 'partial') return firstPart(whole);
  return version === 'edited' ? corrected(whole) : whole;
}

/** The pain that this call is about: speech and bricks agree on it. */
export function painOf(world: World, call: WorldCall): string {
  return createRandom(world.seed, 'pain', call.deals[0]?.id ?? call.id).pick(pains);
}

function makeSpeech(world: World, call: WorldCall): Monologue[] {
  const random = createRandom(world.seed, 'speech', call.index);
  const speakers = speakersOf(world, call, random);
  const fill = createFiller(world, call, random);
  const monologues: { speaker: Speaker; topic: string | null; texts: string[] }[] = [];
  let chars = 0;
  // Long calls go through the topics again, the small talk left out.
  for (let round = 0; chars < call.transcriptChars; round++) {
    for (const topic of round === 0 ? topics : topics.slice(1)) {
      const turns = random.int(2, 5);
      for (let turn = 0; turn < turns && chars < call.transcriptChars; turn++) {
        // Sides take turns; now and then somebody speaks twice in a row.
        const side: Side = (turn % 2 === 0) === random.chance(0.9) ? 'rep' : 'prospect';
        const speaker = random.pick(speakers[side]);
        const texts: string[] = [];
        for (const pattern of random.pickSome(topic[side], random.int(1, 3))) {
          const text = fill(pattern, side);
          texts.push(text);
          chars += text.length + 1;
        }
        monologues.push({ speaker, topic: topic.name, texts });
      }
    }
  }
  return withTimes(monologues, call.durationS * 1000);
}

function speakersOf(world: World, call: WorldCall, random: Random): Record<Side, readonly Speaker[]> {
  const heard = (partiesOf(world, call) ?? []).filter((party) => party.speakerId !== null);
  const rep: Speaker[] = [];
  const prospect: Speaker[] = [];
  for (const party of heard)
    (party.affiliation === 'Internal' ? rep : prospect).push({
      speakerId: party.speakerId,
      side: party.affiliation === 'Internal' ? 'rep' : 'prospect',
    });
  // Somebody whom Gong could not tell, and somebody it could not even separate.
  if (world.oddities > 0 && random.chance(0.04)) prospect.push({ speakerId: random.id(), side: 'prospect' });
  if (world.oddities > 0 && random.chance(0.03)) prospect.push({ speakerId: null, side: 'prospect' });
  if (rep.length === 0) rep.push({ speakerId: random.id(), side: 'rep' });
  if (prospect.length === 0)
    prospect.push(...(call.scope === 'Internal' ? rep : [{ speakerId: random.id(), side: 'prospect' as const }]));
  return { rep, prospect };
}

function createFiller(world: World, call: WorldCall, random: Random): (pattern: string, side: Side) => string {
  const amount = `$${Math.round((call.deals[0]?.amounts[0]?.amount ?? 40_000) / 1000)}k`;
  const fixed: Record<string, string> = {
    account: call.account?.name ?? 'your company',
    pain: painOf(world, call),
    amount,
  };
  const contact = partiesOf(world, call)
    ?.find(({ affiliation }) => affiliation === 'External')
    ?.name?.split(' ')[0];
  const wordFor = (word: string, side: Side): string => {
    if (word === 'n') return String(random.int(2, 28));
    if (word === 'other') return side === 'rep' ? (contact ?? 'everybody') : call.host.firstName;
    const choices = fillings[word];
    return fixed[word] ?? (choices ? random.pick(choices) : word);
  };
  return (pattern, side) => pattern.replace(/\{(\w+)\}/g, (_, word: string) => wordFor(word, side));
}

/** Spreads sentences over the call in proportion to their length. */
function withTimes(
  monologues: readonly { speaker: Speaker; topic: string | null; texts: readonly string[] }[],
  durationMs: number,
): Monologue[] {
  let chars = 0;
  for (const { texts } of monologues) for (const text of texts) chars += text.length + 8;
  const msPerChar = (durationMs * 0.98) / Math.max(chars, 1);
  let at = 0;
  return monologues.map(({ speaker, topic, texts }) => {
    const sentences: Sentence[] = texts.map((text) => {
      const start = Math.round(at * msPerChar);
      at += text.length;
      const end = Math.round(at * msPerChar);
      at += 8;
      return { start, end, text };
    });
    return { speakerId: speaker.speakerId, topic, sentences };
  });
}

/** What is there while Gong still works: the first third. */
function firstPart(whole: readonly Monologue[]): readonly Monologue[] {
  return whole.slice(0, Math.max(1, Math.floor(whole.length / 3)));
}

/** The same talk with one sentence heard better. */
function corrected(whole: readonly Monologue[]): readonly Monologue[] {
  const [first, ...rest] = whole;
  if (!first) return whole;
  const sentences = first.sentences.map((sentence, i) =>
    i === 0 ? { ...sentence, text: `${sentence.text} Can you hear me now?` } : sentence,
  );
  return [{ ...first, sentences }, ...rest];
}
