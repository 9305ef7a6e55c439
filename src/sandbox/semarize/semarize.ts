// The fake Semarize: from a request to an answer. Keys, validation, idempotency, runs, kit schemas.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Answer, Place, SandboxRequest } from '../exchange.ts';
import { createTokenBucket } from '../rate-limit.ts';
import type { SandboxSettings } from '../settings.ts';
import type { World } from '../world/world.ts';
import { toRun } from './run-json.ts';
import { parseRunRequest, refuse, resolveKit } from './run-request.ts';
import type { RunStore, StoredRun } from './run-store.ts';
import { hashOfInput, type TextIndex } from './text-index.ts';

export interface SemarizeKeys {
  readonly live: string;
  /** Of the same workspace. */
  readonly test: string;
  readonly expired: string;
  readonly otherWorkspace: string;
}

export interface SemarizeOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly settings: SandboxSettings;
  readonly keys: SemarizeKeys;
  readonly runs: RunStore;
  readonly texts: TextIndex;
}

export function createSemarize(options: SemarizeOptions): (request: SandboxRequest, place: Place) => Answer {
  const { settings, runs } = options;
  const isWithinSecond = createTokenBucket(options.clock);

  const createRun = (request: SandboxRequest, workspace: string): Answer => {
    const asked = parseRunRequest(request.json, settings);
    if ('status' in asked) return asked;
    const key = request.headers['idempotency-key'];
    if (Array.isArray(key) || (key !== undefined && (key.length === 0 || key.length > 254)))
      return refuse(400, 'invalid_idempotency_key');
    const bytesDigest = digest(request.body);
    const valuesDigest = digest(JSON.stringify(sortKeys(asked.body)));
    const known = key === undefined ? undefined : runs.byKey(workspace, key);
    if (known) {
      const same =
        settings.compareBodies === 'bytes' ? known.bytesDigest === bytesDigest : known.valuesDigest === valuesDigest;
      return same ? accepted(settings.repeatedKeyStatus, known) : refuse(409, 'idempotency_key_conflict');
    }
    const textHash = hashOfInput(asked.input);
    const run = runs.add({
      key: key ?? null,
      workspace,
      bytesDigest,
      valuesDigest,
      callId: options.texts.find(textHash)?.id ?? null,
      textHash,
      kitCode: asked.kit.code,
      versionId: asked.version.id,
      type: asked.type,
    });
    if (asked.mode === 'async' || settings.syncFallback) return accepted(202, run);
    run.endedMs = options.clock.now();
    return { status: 200, json: toRun(options, run, 'ended') };
  };

  /** 202 names the run alone, 200 shows it as it is. */
  const accepted = (status: 200 | 202, run: StoredRun): Answer => {
    const json = toRun(options, run, runs.progress(run, false));
    if (status === 200) return { status, json };
    const wait = settings.runRetryAfterSeconds;
    return {
      status,
      ...(wait === null ? {} : { headers: { 'retry-after': String(wait) } }),
      json: { run_id: run.id, status: json['status'] ?? null, run_type: run.type },
    };
  };

  const readRun = (request: SandboxRequest, workspace: string): Answer => {
    const run = runs.get(request.id ?? '');
    if (run?.workspace !== workspace) return refuse(404, 'run_not_found');
    return { status: 200, json: toRun(options, run, runs.progress(run, true)) };
  };

  const listRuns = (request: SandboxRequest, workspace: string): Answer => {
    const limit = Number(request.query.get('limit') ?? 50);
    const isInRange = Number.isInteger(limit) && limit >= 1 && limit <= 100;
    if (!isInRange && settings.strictRunLimit) return refuse(400, 'invalid_limit');
    const list = runs
      .newest(workspace, isInRange ? limit : Math.min(100, Math.max(1, Math.trunc(limit) || 50)))
      .map((run) => toRun(options, run, runs.progress(run, false)));
    return { status: 200, json: settings.runListKey === null ? list : { [settings.runListKey]: list } };
  };

  const showSchema = (request: SandboxRequest): Answer => {
    const found = resolveKit(
      { kit_code: request.query.get('kit_code'), kit_version_id: request.query.get('kit_version_id') },
      settings,
      request.query.get('kit_id') ?? undefined,
    );
    if ('status' in found) return found;
    const bricks = found.version.bricks.map(
      ({ key, label, type }): JsonObject => ({
        key,
        label,
        type,
        output_fields: ['value', 'confidence', 'reason', 'evidence'],
      }),
    );
    const { kit, version } = found;
    return {
      status: 200,
      json: { kit_code: kit.code, kit_id: kit.id, name: kit.name, kit_version_id: version.id, bricks },
    };
  };

  const testKit = (request: SandboxRequest): Answer => {
    if (!isJsonObject(request.json)) return refuse(400, 'invalid_json');
    const found = resolveKit(request.json, settings);
    if ('status' in found) return found;
    const placeholder = { value: null, confidence: 0, reason: '', evidence: [] };
    const bricks = Object.fromEntries(found.version.bricks.map(({ key }) => [key, placeholder]));
    return { status: 200, json: { kit_code: found.kit.code, bricks } };
  };

  const handlers: Record<string, (request: SandboxRequest, workspace: string) => Answer> = {
    'POST /v1/runs': createRun,
    'GET /v1/runs': listRuns,
    'GET /v1/runs/{id}': readRun,
    'GET /v1/kits/schema': showSchema,
    'POST /v1/test': testKit,
  };

  return (request, place) => {
    const workspace = findWorkspace(request.headers.authorization, options.keys);
    if (typeof workspace !== 'string') return workspace;
    if (!isWithinSecond(settings.semarizeRequestsPerSecond))
      return { status: 429, headers: { 'retry-after': '1' }, json: { error: 'rate_limited', retry_after_seconds: 1 } };
    if (place.wrongMethod) return refuse(405, 'method_not_allowed');
    const handler = handlers[request.route];
    return handler ? handler(request, workspace) : refuse(404, 'not_found');
  };
}

function findWorkspace(authorization: string | undefined, keys: SemarizeKeys): string | Answer {
  const key = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  if (key === undefined) return refuse(401, 'missing_bearer_token');
  if (key === keys.live || key === keys.test) return 'main';
  if (key === keys.otherWorkspace) return 'other';
  return refuse(401, key === keys.expired ? 'api_key_expired' : 'invalid_api_key');
}

function digest(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('base64url').slice(0, 22);
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  return Object.keys(value)
    .sort()
    .map((key): JsonValue => [key, sortKeys(value[key] ?? null)]);
}
