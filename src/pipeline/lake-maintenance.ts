// The upkeep of a lake by hand: see destinations/lake/maintenance.ts.
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';

export interface NamedLake {
  readonly path: string;
  /** How messages name it. */
  readonly shown: string;
}

function optionsOf({ path, shown }: NamedLake, { clock, crashPoint, machine }: Environment) {
  return { root: resolve(path), shown, megabytes: machine.duckDbMegabytes, clock, crashPoint };
}

export async function compactLake(lake: NamedLake, environment: Environment) {
  const maintenance = await import('../destinations/lake/maintenance.ts');
  return await maintenance.compactLake(optionsOf(lake, environment));
}

export async function vacuumLake(lake: NamedLake, environment: Environment) {
  const maintenance = await import('../destinations/lake/maintenance.ts');
  return await maintenance.vacuumLake(optionsOf(lake, environment));
}

export async function liveFiles(lake: NamedLake, stream: string, environment: Environment) {
  const maintenance = await import('../destinations/lake/maintenance.ts');
  return await maintenance.liveFiles(optionsOf(lake, environment), stream);
}
