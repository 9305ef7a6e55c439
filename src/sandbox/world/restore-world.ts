// Makes a world again from what it was made of.
import type { JsonObject } from '../../core/json.ts';
import { createWorld, type WorldOptions } from './create-world.ts';
import { createGuideWorld } from './guide-world.ts';
import { createHandmadeWorld, type HandmadeCall, type HandmadeOptions } from './handmade-world.ts';
import type { World } from './world.ts';

/** @throws RangeError for parameters of an unknown kind. */
export function restoreWorld(parameters: JsonObject): World {
  const { kind, calls, transcriptBytes, ...rest } = parameters;
  if (kind === 'guide') return createGuideWorld(rest as { seed?: number; endsAt?: number });
  if (kind === 'handmade')
    return createHandmadeWorld(calls as unknown as HandmadeCall[], rest as unknown as HandmadeOptions);
  if (kind !== 'believable') throw new RangeError(`unknown kind of world: ${String(kind)}`);
  const options = { ...rest, calls } as WorldOptions;
  return createWorld(transcriptBytes === null ? options : { ...options, transcriptBytes: Number(transcriptBytes) });
}
