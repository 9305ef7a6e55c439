// A destination opened for reading: the file itself, or the views over a lake.
import type { AnalyticsSettings } from '../analytics/settings.ts';
import type { Clock } from '../core/clock.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { type Database, openForReading, openInMemory } from '../duckdb/connection.ts';
import type { Session } from '../duckdb/session.ts';
import type { Place } from './places.ts';

/** A writer holds the file only while it commits; a reader waits that long. */
const patienceMs = 10_000;

export interface LakeMarts {
  readonly settings: AnalyticsSettings;
  /** Told why there are none, for example because a stream has the name of one. */
  readonly log: Log;
}

/**
 * @param marts a lake has no place for them: when asked for they are made in memory, over its views
 * @throws ConnectorError: `busy`, `destination`
 */
export async function openPlace(place: Place, clock: Clock, marts?: LakeMarts): Promise<Database> {
  if (place.kind === 'duckdb') return await openForReading(place.path, { patience: { clock, ms: patienceMs } });
  const { createLakeViews } = await import('../destinations/lake/views.ts');
  const database = await openInMemory({ folders: [place.path] });
  try {
    await database.exclusive(async (session) => {
      const views = await createLakeViews(session, place.path);
      if (views.length === 0)
        throw new ConnectorError(`There is no lake at ${place.path}.`, {
          area: 'destination',
          hint: 'name the folder that a sync wrote to; gong-elt sync --to FOLDER makes one',
        });
      if (marts !== undefined) await makeMarts(session, marts);
    });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function makeMarts(session: Session, { settings, log }: LakeMarts): Promise<void> {
  const { createMarts } = await import('../analytics/marts.ts');
  try {
    await createMarts(session, settings);
  } catch (error) {
    // The streams can be asked all the same.
    if (!(error instanceof ConnectorError)) throw error;
    log('warn', `There are no marts: ${error.message}`, { next_step: error.hint });
  }
}
