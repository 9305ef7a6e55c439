// The upkeep of a lake by hand: see destinations/lake/maintenance.ts.
import type { MaintenanceOptions } from '../destinations/lake/maintenance.ts';
import type { Environment } from './environment.ts';
import { lakeHome, type NamedLake } from './places/lake.ts';

async function maintain<T>(
  lake: NamedLake,
  environment: Environment,
  work: (options: MaintenanceOptions) => Promise<T>,
): Promise<T> {
  const { clock, crashPoint, machine } = environment;
  const { store, close } = await lakeHome(lake).openStore(environment, false);
  try {
    return await work({ store, shown: lake.shown, megabytes: machine.duckDbMegabytes, clock, crashPoint });
  } finally {
    await close();
  }
}

export async function compactLake(lake: NamedLake, environment: Environment) {
  const maintenance = await import('../destinations/lake/maintenance.ts');
  return await maintain(lake, environment, maintenance.compactLake);
}

export async function vacuumLake(lake: NamedLake, environment: Environment) {
  const maintenance = await import('../destinations/lake/maintenance.ts');
  return await maintain(lake, environment, maintenance.vacuumLake);
}

export async function liveFiles(lake: NamedLake, stream: string, environment: Environment) {
  const maintenance = await import('../destinations/lake/maintenance.ts');
  return await maintain(lake, environment, (options) => maintenance.liveFiles(options, stream));
}
