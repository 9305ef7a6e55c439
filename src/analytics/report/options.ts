// What a reader chose.
import type { PageName } from './model.ts';
import type { NameMode } from './names.ts';

export const reportFormats = ['html', 'md', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** An instant, or milliseconds before what the data is as of: a report asks no clock. */
export type Moment = { readonly at: number } | { readonly before: number };

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
}
