// What a POST asks for: kit, version, input, type and mode, or why it is refused.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Answer } from '../exchange.ts';
import type { SandboxSettings } from '../settings.ts';
import { findKit, findKitVersion, type Kit, type KitVersion } from './kits.ts';

/** An error as Semarize words it. */
export function refuse(status: number, error: string): Answer {
  return { status, json: { error } };
}

export interface RunRequest {
  readonly body: JsonObject;
  readonly input: JsonObject;
  readonly kit: Kit;
  readonly version: KitVersion;
  readonly type: 'api' | 'sandbox';
  readonly mode: 'async' | 'sync';
}

export function parseRunRequest(body: JsonValue | undefined, settings: SandboxSettings): RunRequest | Answer {
  if (!isJsonObject(body)) return refuse(400, 'invalid_json');
  const { type = 'api', mode = 'async', input } = body;
  if (typeof body['kit_code'] !== 'string' && typeof body['kit_version_id'] !== 'string')
    return refuse(400, 'kit_code_or_kit_version_id_required');
  if (!isJsonObject(input)) return refuse(400, 'input_must_be_object');
  if (type !== 'api' && type !== 'sandbox') return refuse(400, 'invalid_run_type');
  if (mode !== 'async' && mode !== 'sync') return refuse(400, 'invalid_run_mode');
  const found = resolveKit(body, settings);
  return 'status' in found ? found : { body, input, ...found, type, mode };
}

/** A version id wins over a code. */
export function resolveKit(
  asked: JsonObject,
  settings: SandboxSettings,
  kitId?: string,
): { kit: Kit; version: KitVersion } | Answer {
  const { kit_code: code, kit_version_id: versionId } = asked;
  if (typeof versionId === 'string') return findKitVersion(versionId) ?? refuse(404, 'kit_not_found');
  if (typeof code !== 'string' && kitId === undefined) return refuse(400, 'kit_code_or_kit_version_id_required');
  const kit = findKit(typeof code === 'string' ? code : '', kitId);
  if (!kit) return refuse(404, 'kit_not_found');
  const current = settings.currentVersions[kit.code];
  const version = kit.versions.find(({ id }) => id === current) ?? kit.versions.at(-1) ?? kit.versions[0];
  return { kit, version };
}
