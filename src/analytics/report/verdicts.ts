// Verdicts of the marts in words, and what is missing for one.
import type { JsonObject } from '../../core/json.ts';
import { countOf, textOf } from './mart-reader.ts';
import type { State, Verdict } from './model.ts';
import { formatCount, plural } from './numbers.ts';

const estimated: ReadonlySet<State> = new Set(['indicative', 'usable']);
const ofMarts: readonly State[] = ['no_outcome', 'no_variation', 'too_few', 'indicative', 'usable'];

/** May an estimate, an interval and a chart be shown? */
export function isEstimated({ state }: Verdict): boolean {
  return estimated.has(state);
}

/** The state that a mart's column `verdict` names; what it does not know is not shown as a result. */
export function stateOf(row: JsonObject): State {
  return ofMarts.find((state) => state === row['verdict']) ?? 'no_data';
}

const stateWords: Readonly<Record<State, string>> = {
  no_data: 'no data',
  no_config: 'not configured',
  counted: 'counted',
  no_outcome: 'no outcome',
  no_variation: 'no variation',
  too_few: 'too few',
  indicative: 'indicative',
  usable: 'usable',
};

/** @param row of a mart with a verdict */
export function verdictOf(row: JsonObject): Verdict {
  const state = stateOf(row);
  return { state, words: stateWords[state] };
}

/** `14 more closed deals, of which 6 lost`. */
export function missingText(row: JsonObject): string {
  const won = countOf(row['won_missing']);
  const lost = countOf(row['lost_missing']);
  const deals = Math.max(countOf(row['deals_missing']), won + lost);
  // A level may be too few because of deals with or without it, however many deals there are.
  const [having, lacking] = [countOf(row['with_missing']), countOf(row['without_missing'])];
  if (deals === 0)
    return (
      [
        having > 0 && `${plural(having, 'more deal')} with it`,
        lacking > 0 && `${plural(lacking, 'more deal')} without it`,
      ]
        .filter(Boolean)
        .join(' and ') || 'more deals'
    );
  const parts = [won > 0 && `${formatCount(won)} won`, lost > 0 && `${formatCount(lost)} lost`].filter(Boolean);
  const of = parts.length === 0 ? '' : `, of which ${parts.join(' and ')}`;
  return `${plural(deals, 'more closed deal')}${of}`;
}

/** The note that stands above a chart of an estimate that may still move much. */
export function indicativeNote({ state }: Verdict): string | undefined {
  return state === 'indicative'
    ? 'Indicative: fewer than 100 deals, or fewer than 20 of either outcome. The numbers may still move much; marks are hollow.'
    : undefined;
}

const verdictWith = (state: State): Verdict => ({ state, words: stateWords[state] });

export const noData = verdictWith('no_data');
export const notConfigured = verdictWith('no_config');
export const counted = verdictWith('counted');

/** `48 closed deals, 20 won · 184 calls`. */
export function countsText(parts: { deals?: number; won?: number; calls?: number; reps?: number }): string {
  const { deals, won, calls, reps } = parts;
  const ofWhich = won === undefined ? '' : `, ${formatCount(won)} won`;
  return [
    deals !== undefined && `${plural(deals, 'closed deal')}${ofWhich}`,
    calls !== undefined && plural(calls, 'call'),
    reps !== undefined && plural(reps, 'rep'),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** A text of a row, or what stands for it. */
export function textOr(value: JsonObject[string] | undefined, otherwise: string): string {
  const text = textOf(value);
  return text === '' ? otherwise : text;
}
