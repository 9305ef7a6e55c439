// The guide's picture: 200 calls, two frameworks, the numbers by plain arithmetic over what the sandbox answers.
import { describe, expect, it } from 'vitest';
import { dealAt } from '../../src/sandbox/world/deals.ts';
import { createGuideWorld, guideFigures } from '../../src/sandbox/world/guide-world.ts';
import { isPrivateAt, sightOf, speechVersionAt } from '../../src/sandbox/world/life.ts';
import { partiesOf } from '../../src/sandbox/world/parties.ts';
import { restoreWorld } from '../../src/sandbox/world/restore-world.ts';
import { dayMs, hourMs } from '../../src/sandbox/world/time.ts';
import { finishRun, openSandbox, postRun, textOfCall } from './open-sandbox.ts';

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
function pearson(xs: number[], ys: number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  const [dx, dy] = [xs.map((x) => x - mx), ys.map((y) => y - my)];
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return sum(dx.map((d, i) => d * (dy[i] ?? 0))) / Math.sqrt(sum(dx.map((d) => d * d)) * sum(dy.map((d) => d * d)));
}

describe.each([1, 2, 77])('guide world of seed %i', (seed) => {
  const world = createGuideWorld({ seed });
  const end = Number(world.parameters['endsAt']);
  const [kitA, kitB] = world.guideKits;
  const scores = (code: string) => world.calls.map((call) => Number(call.givenRuns?.[code]));
  const won = world.calls.map((call) => Number(call.deals[0]?.won));

  it('has 200 calls, one a deal, 100 won and 100 lost, all closed after their call and seen as such', () => {
    expect(world.calls.length).toBe(200);
    expect(new Set(world.calls.map(({ deals }) => deals[0]?.id)).size).toBe(200);
    expect(won.filter(Boolean).length).toBe(100);
    for (const call of world.calls) {
      const [deal] = call.deals;
      if (!deal) throw new Error('a call without a deal');
      expect(deal.type).toBe('New Business');
      expect(deal.closedMs - call.startedMs).toBeGreaterThan(2 * dayMs);
      expect(dealAt(deal, end).isClosed).toBe(true);
    }
  });

  it('has no call that could not be evaluated', () => {
    for (const call of world.calls) {
      expect(sightOf(call, end)).toBe('visible');
      expect(isPrivateAt(call, end)).toBe(false);
      expect(speechVersionAt(call, end)).toBe('complete');
      expect(end - call.startedMs).toBeGreaterThan(2 * hourMs);
      expect(call.life.visibleMs - call.startedMs).toBeLessThan(2 * hourMs);
      expect(partiesOf(world, call)).toBeDefined();
    }
  });

  it('averages 71 and 64, correlates .73 and .51 with the outcome and .5 with each other', () => {
    const [a, b] = [scores(kitA.code), scores(kitB.code)];
    expect(mean(a)).toBeCloseTo(71, 10);
    expect(mean(b)).toBeCloseTo(64, 10);
    expect(pearson(a, won)).toBeCloseTo(guideFigures.winCorrelationA, 10);
    expect(pearson(b, won)).toBeCloseTo(guideFigures.winCorrelationB, 10);
    expect(pearson(a, b)).toBeCloseTo(guideFigures.scoresCorrelation, 10);
    expect([guideFigures.winCorrelationA, guideFigures.winCorrelationB]).toEqual([0.73, 0.51]);
    expect(Math.min(...a, ...b)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...a, ...b)).toBeLessThanOrEqual(100);
  });

  it('has thresholds that call 12 and 24 of the 100 lost deals a win', () => {
    const called = ({ code, winThreshold }: { code: string; winThreshold: number }) =>
      scores(code).filter((score, i) => won[i] === 0 && score >= winThreshold).length;
    expect([called(kitA), called(kitB)]).toEqual([12, 24]);
    expect(world.guideKits.map(({ label }) => label)).toEqual(['MEDDICC v2', 'Custom SPICED']);
  });

  it('comes back from its parameters', () => {
    const restored = restoreWorld(JSON.parse(JSON.stringify(world.parameters)) as typeof world.parameters);
    expect(restored.calls).toEqual(world.calls);
  });
});

it('answers a run of the guide with the score, every digit of it', async () => {
  const world = createGuideWorld();
  const sandbox = await openSandbox({ world });
  for (const call of world.calls.slice(0, 5))
    for (const { code } of world.guideKits) {
      const input = { transcript: await textOfCall(sandbox, call.id) };
      const { run_id } = (await postRun(sandbox, { body: { kit_code: code, input } })).json;
      const { json } = await finishRun(sandbox, run_id);
      expect(json.output?.bricks['overall_score']?.value).toBe(call.givenRuns?.[code]);
    }
});
