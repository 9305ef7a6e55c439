// A destination opened for reading: the file itself, or the views over a lake.
import type { Clock } from '../core/clock.ts';
import { ConnectorError } from '../core/errors.ts';
import { type Database, openForReading } from '../duckdb/connection.ts';
import type { Place } from './places.ts';

/** A writer holds the file only while it commits; a reader waits that long. */
const patienceMs = 10_000;

export async function openPlace(place: Place, clock: Clock): Promise<Database> {
  if (place.kind === 'duckdb') return await openForReading(place.path, { patience: { clock, ms: patienceMs } });
  throw new ConnectorError('not built', { area: 'bug' });
}
