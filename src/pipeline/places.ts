// What stands beside a destination, and how it is opened: `*.duckdb` is a file, a folder is a Parquet lake.
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { Destination } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { duckDbMegabytes } from '../process/memory.ts';
import type { RecordMetadata } from '../tables/record-metadata.ts';

export interface Place {
  readonly kind: 'duckdb' | 'lake';
  readonly path: string;
  /** What was bought: one JSON line a step. */
  readonly ledgerPath: string;
  readonly lockPath: string;
}

/** @throws ConnectorError area `config` for what is neither. */
export function placeOf(to: string): Place {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(to))
    throw new ConnectorError('A destination is a path of this machine; object stores are not supported yet.', {
      area: 'config',
      hint: 'sync to a folder (--to ./lake) and copy it, or to a DuckDB file (--to warehouse.duckdb)',
    });
  if (/\.(duckdb|ddb|db)$/i.test(to))
    return { kind: 'duckdb', path: to, ledgerPath: `${to}.runs.jsonl`, lockPath: `${to}.lock` };
  return { kind: 'lake', path: to, ledgerPath: join(to, '_runs.jsonl'), lockPath: join(to, '_runs.lock') };
}

export interface OpenDestinationOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  /** Milliseconds to wait for a file that somebody holds. */
  readonly waitMs: number;
  /** Whose state it is; default: that of our own syncs. */
  readonly connection?: string | undefined;
  /** Schema of a DuckDB file for streams without a namespace; default: main. */
  readonly schema?: string | undefined;
  /** Memory of DuckDB while it writes a file; default: fitted to the records. */
  readonly memoryLimit?: string | undefined;
  /** Columns beside the streams' own; default: none, since these are rows for people. */
  readonly metadata?: RecordMetadata | undefined;
}

export async function openDestination(place: Place, options: OpenDestinationOptions): Promise<Destination> {
  if (place.kind === 'duckdb') {
    const { createDuckDbDestination } = await import('../destinations/duckdb/destination.ts');
    return createDuckDbDestination({
      ...options,
      path: place.path,
      connection: options.connection ?? 'sync',
      mostMegabytes: duckDbMegabytes(),
    });
  }
  const { createParquetDestination } = await import('../destinations/lake/destination.ts');
  return createParquetDestination({ ...options, root: place.path, connection: options.connection ?? 'sync' });
}
