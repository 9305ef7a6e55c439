// What an evaluation of a call says: the same for the same (call, kit, version), and related to how its deal goes.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { createRandom, type Random } from '../random.ts';
import { competitors, pains } from '../world/phrases.ts';
import { painOf, speechOf } from '../world/speech.ts';
import type { World, WorldCall } from '../world/world.ts';
import type { Brick, Kit, KitVersion } from './kits.ts';

export type Evaluation =
  | { status: 'succeeded'; bricks: JsonObject }
  | { status: 'failed'; error_code: string; error_message: string; error_user_message?: string }
  | { status: 'cancelled' };

export interface Subject {
  /** Undefined: the world does not know the text; results then follow from `textHash` alone. */
  readonly call: WorldCall | undefined;
  readonly textHash: string;
  readonly kit: Kit;
  readonly version: KitVersion;
  /** 0 for the first run of this text with this kit, 1 for the next one made on purpose, … */
  readonly nth: number;
}

/** How strongly a kit's score follows the deal, and its mean: the first kit is the better one. */
const leanings: Readonly<Record<string, { mean: number; pull: number; noise: number }>> = {
  A1B2C3D4: { mean: 62, pull: 12, noise: 9 },
  '6AD3F0B6': { mean: 58, pull: 8, noise: 13 },
};

export function evaluateCall(world: World, subject: Subject): Evaluation {
  const { call, kit, version } = subject;
  const given = call?.givenRuns?.[kit.code];
  const random = createRandom(world.seed, 'run', kit.code, version.id, call?.id ?? subject.textHash);
  const oddRandom = createRandom(world.seed, 'odd', kit.code, version.id, call?.id ?? subject.textHash, subject.nth);
  if (given === 'failed' || (given === undefined && oddRandom.chance(world.oddities))) return failure(oddRandom);
  if (given === 'cancelled' || (given === undefined && oddRandom.chance(world.oddities / 10)))
    return { status: 'cancelled' };
  const facts = {
    score: typeof given === 'number' ? given : scoreOf(kit, call, random),
    pain: call ? painOf(world, call) : random.pick(pains),
    competitors: random.chance(0.4) ? [random.pick(competitors)] : random.chance(0.3) ? competitors.slice(0, 2) : [],
    random,
  };
  const quotes = call ? quotesOf(world, call) : new Map<string | null, string[]>();
  const bricks: JsonObject = {};
  for (const brick of version.bricks) {
    const result = resultOf(brick, brick.value(facts), quotes, random);
    bricks[brick.key] = oddRandom.chance(world.oddities) ? makeOdd(result, oddRandom) : result;
  }
  return { status: 'succeeded', bricks: isJsonObject(given) ? { ...bricks, ...given } : bricks };
}

function scoreOf(kit: Kit, call: WorldCall | undefined, random: Random): number {
  const { mean, pull, noise } = leanings[kit.code] ?? { mean: 60, pull: 6, noise: 12 };
  const score = mean + pull * (call?.deals[0]?.quality ?? 0) + noise * random.normal();
  return Math.max(0, Math.min(100, Math.round(score)));
}

function resultOf(
  brick: Brick,
  value: JsonValue,
  quotes: ReadonlyMap<string | null, readonly string[]>,
  random: Random,
): JsonObject {
  const said = quotes.get(brick.topic) ?? [...quotes.values()].at(-1) ?? [];
  return {
    value,
    confidence: Math.round(random.between(0.55, 0.99) * 100) / 100,
    reason: `${brick.label}: judged from ${said.length === 0 ? 'the conversation' : 'what was said'}`,
    evidence: said.length === 0 ? [] : [random.pick(said)],
  };
}

/** What was said, by topic; sentences of some length. */
function quotesOf(world: World, call: WorldCall): Map<string | null, string[]> {
  const quotes = new Map<string | null, string[]>();
  for (const { topic, sentences } of speechOf(world, call)) {
    const said = quotes.get(topic) ?? [];
    for (const { text } of sentences) if (text.length >= 20) said.push(text);
    if (said.length > 0) quotes.set(topic, said);
  }
  return quotes;
}

/** The ways in which a result may differ from the documented example and still be right. */
function makeOdd(result: JsonObject, random: Random): JsonObject {
  const { confidence, reason, evidence, ...rest } = result;
  switch (random.int(0, 4)) {
    case 0:
      return { ...result, value: null };
    case 1:
      return { ...rest, reason: reason ?? '', evidence: evidence ?? [] };
    case 2:
      return rest;
    case 3:
      return { ...result, evidence: Array.isArray(evidence) ? (evidence[0] ?? '') : '' };
    default:
      return {
        ...result,
        evidence: ['We will definitely sign tomorrow.'],
        calibration: { method: 'beta', bucket: 3 },
        confidence: confidence ?? null,
      };
  }
}

function failure(random: Random): Evaluation {
  const code = random.pick(['model_timeout', 'input_not_processable', 'internal_error']);
  const failed = { status: 'failed', error_code: code, error_message: `run ended with ${code}` } as const;
  return random.chance(0.5) ? failed : { ...failed, error_user_message: 'The evaluation could not be finished.' };
}
