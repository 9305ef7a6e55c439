// The table of when new content of a table is whole: every combination of what may have been said.
import { describe, expect, test } from 'vitest';
import { type FinishFacts, judgeActivation, judgeRefresh, type OnMissingCompletion } from '../../src/load/finish.ts';

const completions = ['complete', 'incomplete', undefined] as const;
const lasts = ['record', 'state', 'under_way', undefined] as const;
const flags = [true, false] as const;
const choices: readonly OnMissingCompletion[] = ['keep_old', 'swap'];

/** `swap`, `fail` = the old rows stay and the load is not complete, `warn` = they stay and it is. */
function outcome(facts: FinishFacts, onMissing: OnMissingCompletion) {
  const verdict = judgeRefresh(facts, onMissing);
  return verdict.isWhole ? 'swap' : verdict.isFailure ? 'fail' : 'warn';
}

const all = completions.flatMap((completion) =>
  flags.flatMap((tellsStatuses) =>
    flags.flatMap((hasGeneration) =>
      lasts.flatMap((last) =>
        flags.flatMap((isDamaged) =>
          flags.flatMap((replacesNothing) =>
            choices.map((onMissing) => ({
              facts: { completion, tellsStatuses, hasGeneration, last, isDamaged, replacesNothing },
              onMissing,
            })),
          ),
        ),
      ),
    ),
  ),
);
const where = (holds: (facts: FinishFacts, onMissing: OnMissingCompletion) => boolean) =>
  new Set(
    all.filter(({ facts, onMissing }) => holds(facts, onMissing)).map((each) => outcome(each.facts, each.onMissing)),
  );

describe('a table is replaced', () => {
  test('never when its source said that it is not complete, or when something was not read', () => {
    expect(where(({ completion }) => completion === 'incomplete')).toEqual(new Set(['fail']));
    expect(where(({ isDamaged }) => isDamaged)).toEqual(new Set(['fail']));
  });

  test('always when its source said that it is complete', () => {
    expect(where(({ completion, isDamaged }) => completion === 'complete' && !isDamaged)).toEqual(new Set(['swap']));
  });

  const open = ({ completion, isDamaged }: FinishFacts) => completion === undefined && !isDamaged;
  const isTold = ({ tellsStatuses, hasGeneration }: FinishFacts) => tellsStatuses || hasGeneration;

  test('not without that word where it would have been said', () => {
    expect(where((facts, onMissing) => open(facts) && isTold(facts) && onMissing === 'keep_old')).toEqual(
      new Set(['fail']),
    );
  });

  test.each([
    ['state', 'swap'],
    ['record', 'fail'],
    ['under_way', 'fail'],
    [undefined, 'warn'],
  ] as const)('where nobody says anything and the last message was %s: %s', (last, expected) => {
    const said = (facts: FinishFacts, onMissing: OnMissingCompletion) =>
      open(facts) && !isTold(facts) && facts.last === last && onMissing === 'keep_old';
    expect(where((facts, onMissing) => said(facts, onMissing) && !facts.replacesNothing)).toEqual(new Set([expected]));
    // A table without rows has nothing to lose by records that only lack a state behind them.
    const filled = last === 'record' ? 'swap' : expected;
    expect(where((facts, onMissing) => said(facts, onMissing) && facts.replacesNothing)).toEqual(new Set([filled]));
  });

  test('where somebody chose to trust the end of the input, unless it is known to be none', () => {
    expect(where((facts, onMissing) => open(facts) && onMissing === 'swap')).toEqual(new Set(['swap']));
  });
});

describe('older versions go', () => {
  const judged = (hasRecordsSince: boolean, last: FinishFacts['last'], isDamaged = false) =>
    choices.map((onMissing) => judgeActivation({ hasRecordsSince, last, isDamaged }, onMissing).isWhole);

  test('when the live one was named behind its records, or a state came behind them', () => {
    expect(judged(false, 'record')).toEqual([true, true]);
    expect(judged(false, undefined)).toEqual([true, true]);
    expect(judged(true, 'state')).toEqual([true, true]);
  });

  test('not when records came after it and no state behind them, unless somebody chose so', () => {
    expect(judged(true, 'record')).toEqual([false, true]);
    expect(judged(true, 'under_way')).toEqual([false, true]);
  });

  test('never when something was not read', () => {
    for (const last of lasts) for (const since of flags) expect(judged(since, last, true)).toEqual([false, false]);
  });
});
