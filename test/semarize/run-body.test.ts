// S11: what is sent for one key never changes, whoever builds it, wherever, in whatever release.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildIntent, type EvaluationItem } from '../../src/semarize/evaluation-entry.ts';
import { buildIdempotencyKey, buildRunBody, keyClassOf } from '../../src/semarize/run-body.ts';
import { startScript } from '../ledger/run-script.ts';

interface Golden {
  readonly case: string;
  readonly workspaceLabel: string;
  readonly keyClass: 'live' | 'test';
  readonly attempt: number;
  readonly item: EvaluationItem;
  readonly key: string;
  readonly body: string;
  readonly bodySha256: string;
}

const goldens = JSON.parse(
  await readFile(join(import.meta.dirname, '../fixtures/run-body.json'), 'utf8'),
) as readonly Golden[];

function build({ item, attempt, workspaceLabel, keyClass }: Golden) {
  const { key, body, bodySha256 } = buildIntent(item, attempt, workspaceLabel, keyClass, 0);
  return { key, body, bodySha256 };
}

const expected = ({ key, body, bodySha256 }: Golden) => ({ key, body, bodySha256 });

describe('the bytes of released versions', () => {
  test.each(goldens.map((golden) => [golden.case, golden] as const))('are built as ever: %s', (_, golden) => {
    expect(build(golden)).toEqual(expected(golden));
  });

  test('the keys are all different, and far shorter than Semarize takes', () => {
    expect(new Set(goldens.map(({ key }) => key)).size).toBe(goldens.length);
    for (const { key } of goldens) expect(key).toMatch(/^gs1:[a-z2-7]{52}$/);
  });

  test('another process with another locale, time zone and heap builds them too', async () => {
    const script = `
      const { buildIntent } = await load('semarize/evaluation-entry');
      const built = given.map(({ item, attempt, workspaceLabel, keyClass }) => {
        const { key, body, bodySha256 } = buildIntent(item, attempt, workspaceLabel, keyClass, Date.now());
        return { key, body, bodySha256 };
      });
      process.stdout.write(JSON.stringify(built));`;
    const shell = 'exec env LC_ALL=tr_TR.UTF-8 TZ=Pacific/Kiritimati "$0" "$@"';
    const { stdout } = await startScript(script, goldens, shell).ended;
    expect(JSON.parse(stdout)).toEqual(goldens.map(expected));
  });
});

const text = fc.string({
  unit: fc.constantFrom('a', 'I', 'ı', 'é', '\u0301', '"', '\\', '/', ':', ' ', '\n', '👋', '\u2028'),
});
const items = fc.record({
  callId: fc.string({ unit: 'grapheme', minLength: 1 }),
  startedAt: fc.constant('2026-03-01T08:00:00.000Z'),
  text,
  transcriptHash: fc.string({ unit: fc.constantFrom('0', 'a'), minLength: 4, maxLength: 4 }),
  kit: fc.constantFrom('A1B2C3D4', '6AD3F0B6'),
  version: fc.option(fc.constantFrom('v1', 'v2', '')),
  input: fc.constantFrom('text' as const, 'turns' as const),
});

describe('bytes and keys', () => {
  test('do not depend on the order in which an item’s members were set', () => {
    fc.assert(
      fc.property(items, fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (item, order) => {
        const names = Object.keys(item).sort(
          (a, b) => (order[Object.keys(item).indexOf(a)] ?? 0) - (order[Object.keys(item).indexOf(b)] ?? 0),
        );
        const shuffled = Object.fromEntries(
          names.map((name) => [name, item[name as keyof EvaluationItem]]),
        ) as unknown as EvaluationItem;
        expect(buildIntent(shuffled, 1, 'default', 'live', 1)).toEqual(buildIntent(item, 1, 'default', 'live', 1));
      }),
    );
  });

  test('two items have one key only if all that makes them the same evaluation is equal', () => {
    const meaning = ({ callId, transcriptHash, kit, version, input }: EvaluationItem) =>
      JSON.stringify([callId, transcriptHash, kit, version ?? '', input]);
    const keyOf = (item: EvaluationItem) => buildIdempotencyKey({ ...item, attempt: 1 }, 'default', 'live');
    const names = ['callId', 'transcriptHash', 'kit', 'version', 'input'] as const;
    fc.assert(
      // The second one shares some members with the first, often all of them.
      fc.property(items, items, fc.subarray([...names], { minLength: 3 }), (a, other, shared) => {
        const b = { ...other, ...Object.fromEntries(shared.map((name) => [name, a[name]])) };
        expect(keyOf(a) === keyOf(b)).toBe(meaning(a) === meaning(b));
      }),
      { numRuns: 500 },
    );
  });

  test('the attempt, the label and the class of the key are part of the key; the key itself and the time are not', () => {
    const [golden] = goldens as [Golden];
    const { item } = golden;
    const keys = [
      buildIntent(item, 1, 'default', 'live', 0),
      buildIntent(item, 2, 'default', 'live', 0),
      buildIntent(item, 1, 'other', 'live', 0),
      buildIntent(item, 1, 'default', 'test', 0),
      // A label cannot pass for a class.
      buildIntent(item, 1, 'default/live', 'test', 0),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(buildIntent(item, 1, 'default', 'live', 99).key).toBe(keys[0]);
    expect(keyClassOf('smz_test_x')).toBe('test');
    expect(keyClassOf('smz_live_x')).toBe('live');
  });

  test('the transcript arrives as it is, as one text or as turns, and nothing goes with it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('Ada (rep)', 'Bo (prospect)'), text.map(oneLine)), { minLength: 1 }),
        (turns) => {
          const joined = turns.map(([speaker, words]) => `${speaker}: ${words}`).join('\n');
          const asText = JSON.parse(buildRunBody('text', { text: joined }, 'A1B2C3D4', null));
          expect(asText).toEqual({ kit_code: 'A1B2C3D4', mode: 'async', input: { transcript: joined } });
          const asTurns = JSON.parse(buildRunBody('turns', { text: joined }, 'A1B2C3D4', 'v1'));
          expect(asTurns.kit_version_id).toBe('v1');
          expect(asTurns.input).toEqual({ transcript: turns.map(([speaker, words]) => ({ speaker, text: words })) });
        },
      ),
    );
  });
});

function oneLine(words: string): string {
  return words.replaceAll('\n', ' ');
}
