// The fake Gong: from a request to an answer, on the sandbox's clock.
import { createHmac } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Answer, Place, SandboxRequest } from '../exchange.ts';
import type { SandboxSettings } from '../settings.ts';
import { speechAt } from '../world/speech.ts';
import type { Monologue, World, WorldCall } from '../world/world.ts';
import { createGongAccess, type GongKey, refuse, refuseScope } from './access.ts';
import { parseSelector, toCall, toMetaData } from './call-json.ts';
import { createCallFinder } from './call-lists.ts';
import { isRefusal, parseFilter } from './filter.ts';
import { answerPage } from './paging.ts';
import { toUser } from './user-json.ts';

export interface GongOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly settings: SandboxSettings;
  readonly key: GongKey;
  /** Told of each transcript that is served. */
  readonly onSpeech: (call: WorldCall, speech: readonly Monologue[]) => void;
}

const noCalls = 'No calls found corresponding to the provided filters';

export function createGong(options: GongOptions): (request: SandboxRequest, place: Place) => Answer {
  const { world, settings } = options;
  const refuseAccess = createGongAccess(options.key, settings, options.clock);
  const findCalls = createCallFinder(world, settings);
  const secret = createHmac('sha256', options.key.accessKeySecret).update('page cursors').digest('hex');
  let count = 0;

  const listExtensive = (request: SandboxRequest, body: JsonObject): Answer => {
    const filter = parseFilter(body['filter'], settings.strictCallIds);
    if (isRefusal(filter)) return filter;
    const selector = parseSelector(body['contentSelector']);
    if (typeof selector === 'string') return refuse(400, selector);
    const missing = selector.media ? refuseScope(settings, 'api:calls:read:media-url') : undefined;
    if (missing) return missing;
    const found = findCalls('started', filter, request.atMs);
    const toJson = (call: WorldCall) => toCall(world, call, selector, request.atMs, count);
    return answerPage(
      { request, question: body, cursor: textOf(body['cursor']) },
      { items: found.calls, processing: found.processing, name: 'calls', toJson, emptyError: noCalls },
      settings,
      secret,
    );
  };

  const listTranscripts = (request: SandboxRequest, body: JsonObject): Answer => {
    const filter = parseFilter(body['filter'], settings.strictCallIds);
    if (isRefusal(filter)) return filter;
    const found = findCalls('transcripts', filter, request.atMs);
    const toJson = (call: WorldCall): JsonValue => {
      const speech = speechAt(world, call, request.atMs) ?? [];
      options.onSpeech(call, speech);
      return { callId: call.id, transcript: speech as unknown as JsonValue };
    };
    return answerPage(
      { request, question: body, cursor: textOf(body['cursor']) },
      { items: found.calls, processing: 0, name: 'callTranscripts', toJson, emptyError: noCalls },
      settings,
      secret,
    );
  };

  const listCalls = (request: SandboxRequest): Answer => {
    const query = Object.fromEntries(request.query);
    const filter = parseFilter({ ...query, callIds: null, primaryUserIds: null }, false);
    if (isRefusal(filter)) return filter;
    const found = findCalls('scheduled', filter, request.atMs);
    const { fromDateTime = null, toDateTime = null, workspaceId = null } = query;
    return answerPage(
      { request, question: { fromDateTime, toDateTime, workspaceId }, cursor: query['cursor'] },
      {
        items: found.calls,
        processing: found.processing,
        name: 'calls',
        toJson: (call) => toMetaData(world, call, request.atMs),
        emptyError: noCalls,
      },
      settings,
      secret,
    );
  };

  const readCall = (request: SandboxRequest): Answer => {
    const id = request.id ?? '';
    const call = world.callById(id);
    const everything = {
      fromMs: -Infinity,
      toMs: Infinity,
      workspaceId: undefined,
      callIds: [id],
      primaryUserIds: undefined,
    };
    if (!call || findCalls('started', everything, request.atMs).calls.length === 0)
      return refuse(404, `Call ID ${id} was not found`);
    return { status: 200, json: { call: toMetaData(world, call, request.atMs) } };
  };

  const listUsers = (request: SandboxRequest): Answer =>
    answerPage(
      { request, question: request.query.get('includeAvatars'), cursor: request.query.get('cursor') ?? undefined },
      { items: world.users, processing: 0, name: 'users', toJson: toUser, emptyError: undefined },
      settings,
      secret,
    );

  const handlers: Record<string, { scope: string; answer: (request: SandboxRequest, body: JsonObject) => Answer }> = {
    'POST /v2/calls/extensive': { scope: 'api:calls:read:extensive', answer: listExtensive },
    'POST /v2/calls/transcript': { scope: 'api:calls:read:transcript', answer: listTranscripts },
    'GET /v2/calls': { scope: 'api:calls:read:basic', answer: listCalls },
    'GET /v2/calls/{id}': { scope: 'api:calls:read:basic', answer: readCall },
    'GET /v2/users': { scope: 'api:users:read', answer: listUsers },
    'GET /v2/workspaces': {
      scope: 'api:workspaces:read',
      answer: () => ({ status: 200, json: { workspaces: world.workspaces.map((workspace) => ({ ...workspace })) } }),
    },
  };

  const answer = (request: SandboxRequest, place: Place): Answer => {
    const refusal = refuseAccess(request);
    if (refusal) return refusal;
    if (place.wrongMethod) return refuse(405, 'Method Not Allowed');
    const handler = handlers[request.route];
    if (!handler) return refuse(404, 'The requested path was not found.');
    const missing = refuseScope(settings, handler.scope);
    if (missing) return missing;
    if (request.method !== 'POST') return handler.answer(request, {});
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      return refuse(415, 'Unsupported Media Type');
    return isJsonObject(request.json) ? handler.answer(request, request.json) : refuse(400, 'Bad request');
  };

  return (request, place) => {
    count += 1;
    const requestId = `${request.atMs.toString(36)}${count.toString(36).padStart(5, '0')}`;
    return withRequestId(answer(request, place), requestId);
  };
}

/** Every body starts with `requestId`, which stands in `x-traceid` too. A 401 is printed as Gong's gateway prints it. */
function withRequestId(answer: Answer, requestId: string): Answer {
  const json = { requestId, ...(isJsonObject(answer.json) ? answer.json : {}) };
  const headers = {
    'content-type': 'application/json;charset=UTF-8',
    'x-traceid': requestId,
    'x-gong-service-version': 'PublicApiServer:sandbox',
    ...answer.headers,
  };
  if (answer.status !== 401) return { ...answer, headers, json };
  return { status: 401, headers, raw: JSON.stringify(json, null, 2).replace(/^(\s*"[^"]+"):/gm, '$1 :') };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
