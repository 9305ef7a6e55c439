// What a sync into a place would read and buy. Lists calls; fetches no transcript, creates no run, writes nothing.
import type { Plan } from '../source/plan.ts';
import type { ReadRequest } from '../source/read-request.ts';
import type { GongSemarizeSource } from '../source/source.ts';
import { committedRuns } from './committed-runs.ts';
import type { Environment } from './environment.ts';
import type { Place } from './places/place.ts';

export interface PlanOptions {
  readonly source: GongSemarizeSource;
  readonly place: Place;
  readonly request: Omit<ReadRequest, 'states' | 'ledger' | 'beforePosts' | 'signal'>;
}

export async function runPlan({ source, place, request }: PlanOptions, environment: Environment): Promise<Plan> {
  const destination = await place.openDestination({}, environment);
  const ledger = await place.openLedger(environment, { readOnly: true });
  try {
    const saved = await destination.readState();
    await ledger.reconcile(committedRuns(place, environment));
    const states = new Map(Object.entries(saved?.streams ?? {}));
    return await source.plan({ ...request, states, ledger, signal: environment.signal });
  } finally {
    await ledger.close();
    await destination.close();
  }
}
