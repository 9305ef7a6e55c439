// The world of the guide's picture "Framework A/B Test – 200 calls scored": one call a deal, 100 won and 100 lost, scores made
// so that averages, correlations and false-positive rates come out exactly.
import { createRandom, type Random } from '../random.ts';
import { finishWorld, makeUsers, makeWorkspaces } from './create-world.ts';
import { openStages } from './deals.ts';
import { companyKinds, companyWords } from './names.ts';
import { dayMs, toWorkingTime } from './time.ts';
import type { Deal, World, WorldCall } from './world.ts';

export interface GuideWorldOptions {
  seed?: number;
  endsAt?: number;
}

/** What the recipe aims at: correlation of each kit's score with the outcome, and of the two scores with each other. */
export const guideFigures = {
  calls: 200,
  winCorrelationA: 0.73,
  winCorrelationB: 0.51,
  scoresCorrelation: 0.5,
} as const;

export interface GuideKit {
  readonly code: string;
  readonly label: string;
  /** Between two lost deals' scores, so that the wished share of the lost deals lies above. */
  readonly winThreshold: number;
}

export interface GuideWorld extends World {
  readonly guideKits: readonly [GuideKit, GuideKit];
}

export const guideKitCodes = { a: 'A1B2C3D4', b: '6AD3F0B6' } as const;

export function createGuideWorld(options: GuideWorldOptions = {}): GuideWorld {
  const parameters = { kind: 'guide', seed: options.seed ?? 1, endsAt: options.endsAt ?? Date.UTC(2026, 10, 18, 12) };
  const random = createRandom(parameters.seed, 'guide');
  const won = Array.from({ length: guideFigures.calls }, (_, i) => i % 2 === 0);
  const scores = makeScores(random, won);
  const lost = (values: readonly number[]) => values.filter((_, i) => !won[i]);
  const guideKits = [
    { code: guideKitCodes.a, label: 'MEDDICC v2', winThreshold: thresholdAbove(lost(scores.a), 12) },
    { code: guideKitCodes.b, label: 'Custom SPICED', winThreshold: thresholdAbove(lost(scores.b), 24) },
  ] as const;
  const users = makeUsers(random, guideFigures.calls, parameters.endsAt - 90 * dayMs, 120);
  const workspaces = makeWorkspaces(random);
  const hosts = users.filter((user) => user.active && user.title.startsWith('Account'));
  const calls = won.map((isWon, index): WorldCall => {
    const host = random.pick(hosts);
    const plannedMs = parameters.endsAt - random.between(20, 80) * dayMs;
    const startedMs = toWorkingTime(plannedMs, host.utcOffsetMinutes, parameters.endsAt, random);
    return makeCall(random, index, startedMs, host, workspaces[0]?.id ?? '', isWon, {
      [guideKitCodes.a]: scores.a[index] ?? 0,
      [guideKitCodes.b]: scores.b[index] ?? 0,
    });
  });
  const world = finishWorld(
    { parameters, seed: parameters.seed, users, workspaces, crm: 'Salesforce', oddities: 0 },
    calls,
  );
  return { ...world, guideKits };
}

/**
 * y = standardised outcome, e₁ and e₂ noise orthogonal to y and to each other; a = r₁y + √(1−r₁²)e₁;
 * b = r₂y + √(1−r₂²)(ρe₁ + √(1−ρ²)e₂) with ρ = (r₁₂ − r₁r₂)/√((1−r₁²)(1−r₂²)); then scaled to means 71 and 64.
 */
function makeScores(random: Random, won: readonly boolean[]): { a: number[]; b: number[] } {
  const y = standardised(won.map(Number));
  const e1 = standardised(without(noise(random, y.length), [y]));
  const e2 = standardised(without(noise(random, y.length), [y, e1]));
  const { winCorrelationA: r1, winCorrelationB: r2, scoresCorrelation: r12 } = guideFigures;
  const rho = (r12 - r1 * r2) / Math.sqrt((1 - r1 ** 2) * (1 - r2 ** 2));
  const at = (values: readonly number[], i: number) => values[i] ?? 0;
  const a = y.map((yi, i) => r1 * yi + Math.sqrt(1 - r1 ** 2) * at(e1, i));
  const b = y.map(
    (yi, i) => r2 * yi + Math.sqrt(1 - r2 ** 2) * (rho * at(e1, i) + Math.sqrt(1 - rho ** 2) * at(e2, i)),
  );
  return { a: a.map((z) => 71 + 8 * z), b: b.map((z) => 64 + 10 * z) };
}

/** Uniform, so that no score leaves 0–100. */
function noise(random: Random, length: number): number[] {
  return Array.from({ length }, () => random.between(-1, 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean 0 and population deviation 1. */
function standardised(values: readonly number[]): number[] {
  const m = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - m) ** 2)));
  return values.map((value) => (value - m) / deviation);
}

/** `values` less their mean and their projections on each (standardised) direction. */
function without(values: readonly number[], directions: readonly (readonly number[])[]): number[] {
  const m = mean(values);
  let rest = values.map((value) => value - m);
  for (const direction of directions) {
    const along = mean(rest.map((value, i) => value * (direction[i] ?? 0)));
    rest = rest.map((value, i) => value - along * (direction[i] ?? 0));
  }
  return rest;
}

/** Halfway between the `count`-th and the next highest value: exactly `count` values reach it. */
function thresholdAbove(values: readonly number[], count: number): number {
  const sorted = values.toSorted((x, y) => y - x);
  return ((sorted[count - 1] ?? 0) + (sorted[count] ?? 0)) / 2;
}

function makeCall(
  random: Random,
  index: number,
  startedMs: number,
  host: WorldCall['host'],
  workspaceId: string,
  won: boolean,
  scores: Record<string, number>,
): WorldCall {
  const never = Number.POSITIVE_INFINITY;
  const durationS = random.int(900, 3000);
  const visibleMs = startedMs + durationS * 1000 + random.int(5, 30) * 60_000;
  const name = `${random.pick(companyWords)} ${random.pick(companyKinds)} ${index + 1}`;
  const account = {
    id: `001${random.id().slice(0, 15)}`,
    name,
    domain: `company-${index + 1}.example`,
    industry: 'Technology',
  };
  return {
    index,
    id: random.id((index * 387_641 + 12_345) % 1_000_000),
    startedMs,
    scheduledMs: startedMs,
    micros: null,
    durationS,
    title: `${name}: Discovery call`,
    direction: 'Conference',
    system: 'Zoom',
    scope: 'External',
    media: 'Video',
    language: 'eng',
    workspaceId,
    host,
    account,
    deals: [makeDeal(random, account.name, startedMs, won)],
    partiesMissing: false,
    life: {
      visibleMs,
      transcriptMs: visibleMs,
      completeMs: visibleMs,
      contentMs: visibleMs,
      editedMs: never,
      textEditedMs: never,
      privateMs: never,
      erasedMs: never,
    },
    transcriptChars: random.int(1000, 4000),
    givenRuns: scores,
  };
}

function makeDeal(random: Random, accountName: string, startedMs: number, won: boolean): Deal {
  const closedMs = startedMs + random.between(3, 15) * dayMs;
  const fromMs = startedMs - 5 * dayMs;
  return {
    id: `006${random.id().slice(0, 15)}`,
    name: `${accountName} – New Business`,
    type: 'New Business',
    leadSource: 'Web',
    currency: 'USD',
    amounts: [{ fromMs, amount: random.int(10, 120) * 1000 }],
    stages: openStages.map(({ stage, probability }, i) => ({ fromMs: fromMs + i * 3 * dayMs, stage, probability })),
    plannedCloseMs: closedMs + 5 * dayMs,
    closedMs,
    won,
    quality: won ? 1 : -1,
  };
}
