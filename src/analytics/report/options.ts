// What a reader chose.
import type { Session } from '../../duckdb/session.ts';
import type { PageName } from './model.ts';
import type { NameMode } from './names.ts';

export const reportFormats = ['html', 'md', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** An instant, or milliseconds before what the data is as of: a report asks no clock. */
export type Moment = { readonly at: number } | { readonly before: number };

export interface ReportAnalysis {
  /** Views that it reads. */
  readonly needed: readonly string[];
  /** Fills the result tables that stand first in the session. */
  run(session: Session): Promise<void>;
}

export interface ReportOptions {
  /** Pages to make, in the order of the report; none: all. */
  readonly pages: readonly PageName[];
  /** Codes of kits to report on; none: all. */
  readonly kits: readonly string[];
  /** Only calls that start at or after it; undefined: from the first. */
  readonly since: Moment | undefined;
  /** Only calls that start before it. */
  readonly until: Moment | undefined;
  /** Columns of the view `conversations` with the value that calls must have. */
  readonly segment: Readonly<Record<string, string>>;
  readonly names: NameMode;
  /** Print quotes and reasons. */
  readonly includeEvidence: boolean;
  /** How a command names the file or lake. */
  readonly shown: string;
  /** The command that made it, without secrets. */
  readonly command: string;
  readonly toolVersion: string;
  /** Makes the results that SQL cannot, where they are missing or of other data; undefined: what is there is shown. */
  readonly analysis: ReportAnalysis | undefined;
}

/** What is chosen where nobody chooses: everything, without names of people and quotes. */
export const wholeReport = {
  pages: [],
  kits: [],
  since: undefined,
  until: undefined,
  segment: {},
  names: 'accounts',
  includeEvidence: false,
} as const satisfies Partial<ReportOptions>;
