// A sandbox with a folder beside it that holds the settings of a source: where a bin of either host starts.
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import type { WorldOptions } from '../../src/sandbox/world/create-world.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { openFolder, writeJson } from './folder.ts';
import { sourceSettings } from './source-settings.ts';

export interface SourcePlace {
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Path of the config file. */
  readonly config: string;
  readonly settings: JsonObject;
}

/** A sandbox and a config file that reads it; both go when the test ends. */
export async function openSourcePlace(
  world: WorldOptions | World = {},
  settings: JsonObject = {},
): Promise<SourcePlace> {
  const made = isMade(world) ? world : createWorld({ calls: 20, endsAt: Date.now(), ...world });
  const sandbox = await startSandbox({ world: made });
  Object.assign(sandbox.settings, {
    runRetryAfterSeconds: null,
    runEnds: { afterPolls: 0 },
    gongRequestsPerSecond: Number.POSITIVE_INFINITY,
  });
  onTestFinished(() => sandbox.close());
  const folder = await openFolder();
  const all: JsonObject = {
    ...sourceSettings(sandbox),
    start_date: new Date(Date.now() - 120 * 86_400_000).toISOString(),
    kits: [{ code: 'A1B2C3D4' }],
    semarize_concurrency: 50,
    gong_requests_per_second: 100,
    ...settings,
  };
  return { sandbox, folder, settings: all, config: await writeJson(folder, 'config.json', all) };
}

function isMade(world: WorldOptions | World): world is World {
  return Array.isArray(world.calls);
}
