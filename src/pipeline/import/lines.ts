// What an import did, in lines for people.
import type { ImportResult } from './import-rows.ts';
import type { OutcomesResult } from './outcomes.ts';

/** `read 200 · new 180 · changed 5 · unchanged 10 · refused 5`; what is none is left out, but for the first four. */
export function countsLine({ read, added, changed, unchanged, older, repeated, refused }: ImportResult): string {
  const counts: readonly (readonly [string, number, boolean])[] = [
    ['read', read + refused, true],
    ['new', added, true],
    ['changed', changed, true],
    ['unchanged', unchanged, true],
    ['older than what is there', older, false],
    ['given again later in the file', repeated, false],
    ['refused', refused, false],
  ];
  return counts.flatMap(([word, count, always]) => (always || count > 0 ? [`${word} ${count}`] : [])).join(' · ');
}

export function outcomesLine(result: OutcomesResult): string {
  return `outcomes      ${countsLine(result)} · as of ${result.asOf.slice(0, 10)} where they do not say`;
}

/** One line a refused record, as far as they were kept. */
export function refusalLines({ refused, refusals }: ImportResult): string[] {
  const lines = refusals.map(({ where, problem }) => `${where}: ${problem}`);
  return refused > lines.length ? [...lines, `and ${refused - lines.length} more`] : lines;
}
