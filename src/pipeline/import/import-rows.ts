// What every import does: records of files become rows, rows are staged as JSON lines, the place merges them, and what was refused is told.
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConnectorError } from '../../core/errors.ts';
import type { ImportTable, MergeCounts } from '../../import/merge.ts';
import type { ReadRow, Refusal } from '../../import/read-row.ts';
import type { Environment } from '../environment.ts';
import type { Place } from '../places/place.ts';

export interface ImportResult extends MergeCounts {
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly Refusal[];
}

/** @throws ConnectorError `busy` while a sync or another import holds the place */
export async function underLock<T>(place: Place, environment: Environment, work: () => Promise<T>): Promise<T> {
  const lock = await place.acquireLock(environment);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Refusals that are told one by one. */
const mostRefusals = 50;

/**
 * Whoever calls it holds the lock of the place.
 * @param rows in their order; `where` says how a refused one is found
 * @throws ConnectorError `config` where nothing was ever synced to the place, `busy`, `destination`
 */
export async function importRows(
  place: Place,
  table: ImportTable,
  rows: AsyncIterable<ReadRow & { readonly where?: string }>,
  environment: Environment,
): Promise<ImportResult> {
  if (!(await place.isPresent(environment)))
    throw new ConnectorError(`${place.shown} is not there yet.`, {
      area: 'config',
      hint: `name the file or folder that holds your calls: --in warehouse.duckdb`,
    });
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-import-'));
  try {
    const refusals: Refusal[] = [];
    let refused = 0;
    let longest = 0;
    const path = join(folder, 'rows.ndjson');
    await pipeline(async function* () {
      for await (const read of rows) {
        environment.signal.throwIfAborted();
        if ('row' in read) {
          const line = Buffer.from(`${JSON.stringify({ line: read.line, ...read.row })}\n`);
          longest = Math.max(longest, line.length);
          yield line;
        } else {
          refused += 1;
          if (refusals.length < mostRefusals)
            refusals.push({ where: read.where ?? `line ${read.line}`, problem: read.problem });
        }
      }
    }, createWriteStream(path));
    return { ...(await place.importRows({ table, path, longest }, environment)), refused, refusals };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
