// The files of a Delta log by number. Pure.

/** Folder of the log inside that of the table. */
export const logFolder = '_delta_log/';

export const lastCheckpoint = `${logFolder}_last_checkpoint`;

const padded = (version: number) => String(version).padStart(20, '0');

export const entryName = (version: number) => `${logFolder}${padded(version)}.json`;

export const checkpointName = (version: number) => `${logFolder}${padded(version)}.checkpoint.parquet`;

export interface LogFile {
  readonly version: number;
  readonly kind: 'entry' | 'checkpoint';
  /** Of a checkpoint: in how many files it is. */
  readonly parts: number;
}

/** What a file of the log is, or undefined for one that is none of ours to understand. */
export function parseLogName(name: string): LogFile | undefined {
  const [, digits, end, parts] =
    /^_delta_log\/(\d{20})\.(json|checkpoint\.parquet|checkpoint\.\d{10}\.(\d{10})\.parquet)$/.exec(name) ?? [];
  if (digits === undefined) return undefined;
  return {
    version: Number(digits),
    kind: end === 'json' ? 'entry' : 'checkpoint',
    parts: parts === undefined ? 1 : Number(parts),
  };
}

/** The names of all files of a checkpoint. */
export function checkpointNames(version: number, parts: number): string[] {
  if (parts === 1) return [checkpointName(version)];
  return Array.from({ length: parts }, (_, index) => {
    const part = String(index + 1).padStart(10, '0');
    return `${logFolder}${padded(version)}.checkpoint.${part}.${String(parts).padStart(10, '0')}.parquet`;
  });
}
