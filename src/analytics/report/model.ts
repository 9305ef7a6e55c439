// The report as data: what the three forms (HTML, Markdown, JSON) print. Every number in it was read from a mart.
import type { JsonValue } from '../../core/json.ts';
import type { Chart } from './charts/chart.ts';

/** What a page or a finding can say; where one comes from is said by marts alone. */
export type State =
  | 'no_data'
  | 'no_config'
  | 'no_outcome'
  | 'too_few'
  | 'no_variation'
  | 'indicative'
  | 'usable'
  | 'counted';

/** How a value of a column is written. */
export type CellKind =
  | 'text'
  | 'count'
  | 'estimate'
  | 'interval'
  | 'share'
  | 'share_interval'
  | 'probability'
  | 'points'
  | 'money'
  | 'date'
  | 'duration'
  | 'flag'
  | 'link';

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly kind: CellKind;
  /** Of a share: the column of the row that holds its n. */
  readonly n?: string;
  /** Of money: the column that holds the currency. */
  readonly currency?: string;
}

/** Intervals are `[low, high]`; null is not computed. */
export type Row = Readonly<Record<string, JsonValue>>;

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Rows that there are; more than `rows` when it was cut. */
  readonly total: number;
}

export interface Verdict {
  readonly state: State;
  /** In words: `too few`. */
  readonly words: string;
}

export interface Finding {
  /** Unique in the report; an anchor. */
  readonly id: string;
  readonly title: string;
  /** The answer in one plain sentence. */
  readonly sentence: string;
  /** Estimate with interval, in words; left out where there is none. */
  readonly estimate?: string;
  readonly counts: string;
  readonly verdict: Verdict;
  /** Above the chart, for what has to be known before it is read. */
  readonly note?: string;
  readonly charts?: readonly Chart[];
  readonly tables?: readonly Table[];
  /** One SELECT for each of `tables`, which gives all their rows. */
  readonly sql: readonly string[];
  /** What could make this wrong. */
  readonly cautions?: readonly string[];
}

/** What fills a page that has nothing to show. */
export interface Advice {
  readonly text: string;
  readonly command?: string;
  /** Lines to copy into analytics.yaml. */
  readonly yaml?: string;
}

export interface Page {
  readonly name: PageName;
  readonly title: string;
  readonly question: string;
  readonly answer: string;
  readonly counts: string;
  readonly verdict: Verdict;
  readonly advice?: readonly Advice[];
  /** What holds for all of the page: stale results, a period that does not apply, what is missing from it. */
  readonly notes?: readonly string[];
  readonly findings: readonly Finding[];
}

export const pageNames = [
  'deals',
  'winning',
  'frameworks',
  'knowledge',
  'pricing',
  'drift',
  'trust',
  'health',
] as const;
export type PageName = (typeof pageNames)[number];

export interface Fact {
  readonly label: string;
  readonly text: string;
}

/** A step of the funnel: how many calls are left. */
export interface Step {
  readonly label: string;
  readonly n: number;
  /** Of the calls, in words; empty for the first step. */
  readonly share: string;
  /** The biggest reason why the others are not among them; empty where there is none. */
  readonly loss: string;
}

export interface Report {
  readonly title: string;
  /** Under the title: what it is about, in one line. */
  readonly subtitle: string;
  readonly facts: readonly Fact[];
  /** Shown above everything: quotes are in the file. */
  readonly banner?: string;
  /** The first screen’s short form of `coverage`. */
  readonly steps: readonly Step[];
  readonly coverage: Finding;
  readonly pages: readonly Page[];
  readonly definitions: readonly { readonly term: string; readonly text: string }[];
  readonly exclusions: Finding;
  readonly limits: readonly string[];
}
