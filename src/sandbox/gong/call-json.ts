// A call as Gong writes it: metaData, and the blocks that a content selector asks for.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { createRandom } from '../random.ts';
import { isPrivateAt } from '../world/life.ts';
import { partiesOf } from '../world/parties.ts';
import { formatWithOffset } from '../world/time.ts';
import type { World, WorldCall, WorldParty } from '../world/world.ts';
import { toContent, toInteraction } from './content-json.ts';
import { toCrmContext } from './crm-json.ts';

export interface ContentSelector {
  readonly context: 'None' | 'Basic' | 'Extended';
  readonly timings: readonly ('Now' | 'TimeOfCall')[];
  readonly parties: boolean;
  readonly content: ReadonlySet<string>;
  readonly interaction: ReadonlySet<string>;
  readonly publicComments: boolean;
  readonly media: boolean;
}

/** Reads `contentSelector`; a string is what is wrong with it. */
export function parseSelector(value: JsonValue | undefined): ContentSelector | string {
  const selector = isJsonObject(value) ? value : {};
  const context = selector['context'] ?? 'None';
  if (context !== 'None' && context !== 'Basic' && context !== 'Extended')
    return 'contentSelector.context: unknown value';
  const given = selector['contextTiming'];
  if (given !== undefined && given !== null && context !== 'Extended')
    return 'contentSelector.contextTiming: is allowed only with context Extended';
  const timings = Array.isArray(given) ? given : ['Now'];
  if (!timings.every((timing) => timing === 'Now' || timing === 'TimeOfCall'))
    return 'contentSelector.contextTiming: unknown value';
  const exposed = isJsonObject(selector['exposedFields']) ? selector['exposedFields'] : {};
  return {
    context,
    timings: timings as ('Now' | 'TimeOfCall')[],
    parties: exposed['parties'] === true,
    content: namesSetTrue(exposed['content']),
    interaction: namesSetTrue(exposed['interaction']),
    publicComments: namesSetTrue(exposed['collaboration']).has('publicComments'),
    media: exposed['media'] === true,
  };
}

function namesSetTrue(value: JsonValue | undefined): Set<string> {
  return new Set(isJsonObject(value) ? Object.keys(value).filter((key) => value[key] === true) : []);
}

/** @param reading counts reads: media links are signed anew for each. */
export function toCall(
  world: World,
  call: WorldCall,
  selector: ContentSelector,
  nowMs: number,
  reading: number,
): JsonObject {
  const json: JsonObject = { metaData: toMetaData(world, call, nowMs) };
  if (selector.context !== 'None')
    json['context'] = toCrmContext(world, call, selector.context === 'Extended' ? selector.timings : undefined, nowMs);
  const parties = selector.parties ? partiesOf(world, call) : undefined;
  if (parties) json['parties'] = parties.map((party) => toParty(world, party));
  const content =
    selector.content.size > 0 && nowMs >= call.life.contentMs ? toContent(world, call, selector.content, nowMs) : {};
  if (Object.keys(content).length > 0) json['content'] = content;
  const interaction =
    selector.interaction.size > 0 && nowMs >= call.life.contentMs
      ? toInteraction(world, call, selector.interaction)
      : {};
  if (Object.keys(interaction).length > 0) json['interaction'] = interaction;
  if (selector.publicComments) json['collaboration'] = {};
  if (selector.media) json['media'] = toMedia(call, reading);
  return json;
}

export function toMetaData(world: World, call: WorldCall, nowMs: number): JsonObject {
  const offset = call.host.utcOffsetMinutes;
  const random = createRandom(world.seed, 'meta', call.index);
  const isConference = call.direction === 'Conference';
  return {
    id: call.id,
    url: `https://us-12345.app.gong.io/call?id=${call.id}`,
    title: nowMs >= call.life.editedMs ? `${call.title} (recording)` : call.title,
    scheduled: formatWithOffset(call.scheduledMs, offset),
    started: formatWithOffset(call.startedMs, offset, call.micros),
    duration: call.durationS,
    primaryUserId: call.host.id,
    direction: call.direction,
    system: call.system,
    scope: call.scope,
    media: call.media,
    language: call.language,
    workspaceId: call.workspaceId,
    sdrDisposition: isConference ? null : random.pick(['Connected', 'Meeting scheduled', null]),
    clientUniqueId: null,
    customData: null,
    purpose: null,
    meetingUrl: isConference ? `https://meet.example/${call.id.slice(-9)}` : null,
    isPrivate: isPrivateAt(call, nowMs),
    calendarEventId: isConference && random.chance(0.9) ? `cal_${random.int(100_000, 999_999)}` : null,
  };
}

function toParty(world: World, { crmId, methods, ...party }: WorldParty): JsonObject {
  const json: JsonObject = { context: [], methods: [...methods] };
  for (const [key, value] of Object.entries(party)) if (value !== undefined) json[key] = value;
  if (world.crm !== 'none' && crmId)
    json['context'] = [
      { system: world.crm, objects: [{ objectType: crmId.objectType, objectId: crmId.objectId, fields: [] }] },
    ];
  return json;
}

/** Links that expire after eight hours and differ on every read. */
function toMedia(call: WorldCall, reading: number): JsonObject {
  const link = (kind: string) =>
    `https://media.sandbox.example/${call.id}.${kind}?X-Amz-Expires=28799&X-Amz-Signature=${reading.toString(16).padStart(8, '0')}`;
  return call.media === 'Video' ? { audioUrl: link('mp3'), videoUrl: link('mp4') } : { audioUrl: link('mp3') };
}
