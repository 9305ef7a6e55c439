// What a reader chose.
import type { PageName } from './model.ts';
import type { NameMode } from './names.ts';

export const reportFormats = ['html', 'md', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportOptions {
  /** Pages to make, in the order of the report; none: all. */
  readonly pages: readonly PageName[];
  /** Codes of kits to report on; none: all. */
  readonly kits: readonly string[];
  readonly names: NameMode;
  /** Print quotes and reasons. */
  readonly includeEvidence: boolean;
  /** How a command names the file or lake. */
  readonly shown: string;
  /** The command that made it, without secrets. */
  readonly command: string;
  readonly toolVersion: string;
}
