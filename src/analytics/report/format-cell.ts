// How a cell is written in HTML and Markdown; JSON keeps the number.
import type { JsonValue } from '../../core/json.ts';
import { numberOf, textOf } from './mart-reader.ts';
import type { CellKind, Column, Row } from './model.ts';
import * as numbers from './numbers.ts';

/** A rate over fewer than this is printed as a count only. */
const smallestCell = 5;

const rightAligned: ReadonlySet<CellKind> = new Set(
  'count estimate interval share share_interval probability points money duration'.split(' ') as CellKind[],
);

export function isRightAligned({ kind }: Column): boolean {
  return rightAligned.has(kind);
}

export function formatCell(column: Column, row: Row): string {
  const value = row[column.key] ?? null;
  if (value === null || value === '') return numbers.none;
  const n = column.n === undefined ? undefined : numberOf(row[column.n]);
  if (n !== undefined && n < smallestCell) return `n = ${numbers.formatCount(n)}`;
  return formatters[column.kind](value, { n: n ?? 100, currency: column.currency && textOf(row[column.currency]) });
}

interface Beside {
  readonly n: number;
  readonly currency: string | undefined;
}

const ofNumber =
  (format: (value: number, beside: Beside) => string) =>
  (value: JsonValue, beside: Beside): string => {
    const number = numberOf(value);
    return number === undefined ? numbers.none : format(number, beside);
  };

const ofInterval =
  (format: (value: number, beside: Beside) => string) =>
  (value: JsonValue, beside: Beside): string => {
    const [low, high] = Array.isArray(value) ? value.map((limit) => numberOf(limit)) : [];
    return numbers.formatInterval(low, high, (limit) => format(limit, beside)) || numbers.none;
  };

const formatters: Readonly<Record<CellKind, (value: JsonValue, beside: Beside) => string>> = {
  text: textOf,
  count: ofNumber(numbers.formatCount),
  estimate: ofNumber(numbers.formatEstimate),
  interval: ofInterval(numbers.formatEstimate),
  share: ofNumber((value, { n }) => numbers.formatShare(value, n)),
  share_interval: ofInterval((value, { n }) => numbers.formatShare(value, n)),
  probability: ofNumber(numbers.formatProbability),
  points: ofNumber((value) => numbers.formatEstimate(Math.round(value * 10) / 10).replace(/\.0+$/, '')),
  money: ofNumber((value, { currency }) => numbers.formatMoney(value, currency)),
  date: (value) => numbers.formatDate(textOf(value)),
  duration: ofNumber(numbers.formatDuration),
  flag: (value) => (value === true ? 'yes' : 'no'),
  link: textOf,
};
