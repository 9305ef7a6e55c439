// Gong's own AI content and talk statistics of a call.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { createRandom } from '../random.ts';
import { partiesOf } from '../world/parties.ts';
import { painOf, speechAt } from '../world/speech.ts';
import type { World, WorldCall } from '../world/world.ts';

/** The asked blocks that exist; the others are left out. */
export function toContent(world: World, call: WorldCall, asked: ReadonlySet<string>, nowMs: number): JsonObject {
  const speech = speechAt(world, call, nowMs);
  if (!speech) return {};
  const random = createRandom(world.seed, 'content', call.index);
  const pain = painOf(world, call);
  const seconds = new Map<string, number>();
  for (const { topic, sentences } of speech)
    for (const { start, end } of sentences)
      if (topic !== null) seconds.set(topic, (seconds.get(topic) ?? 0) + (end - start) / 1000);
  const spans = [...seconds].map(([name, duration]): JsonObject => ({ name, duration: Math.round(duration) }));
  const edited = nowMs >= call.life.editedMs ? ' Corrected by the host.' : '';
  const blocks: Record<string, () => JsonValue> = {
    brief: () => `The call was about ${pain}.${edited}`,
    keyPoints: () => [{ text: `${pain} costs time every week` }],
    outline: () =>
      spans.map(
        ({ name }, i): JsonObject => ({
          section: name ?? '',
          startTime: i * 60 + 0.2100067138672,
          duration: 60.5,
          items: [],
        }),
      ),
    highlights: () => [
      { title: 'Next steps', items: [{ text: 'Send the proposal', startTimes: [call.durationS - 60.25] }] },
    ],
    topics: () => [...spans, { name: 'Wrap-up', duration: 0 }],
    structure: () => spans,
    trackers: () => [{ id: random.id(), name: 'Competitors', count: 0, type: 'KEYWORD', occurrences: [], phrases: [] }],
    ...(random.chance(0.5)
      ? { callOutcome: () => ({ id: 'MEETING_BOOKED', category: 'Answered', name: 'Meeting booked' }) }
      : {}),
  };
  const content: JsonObject = {};
  for (const [name, make] of Object.entries(blocks)) if (asked.has(name)) content[name] = make();
  return content;
}

export function toInteraction(world: World, call: WorldCall, asked: ReadonlySet<string>): JsonObject {
  const random = createRandom(world.seed, 'interaction', call.index);
  const interaction: JsonObject = {};
  if (asked.has('speakers'))
    interaction['speakers'] = (partiesOf(world, call) ?? [])
      .filter((party) => party.speakerId !== null)
      .map(
        (party): JsonObject => ({
          id: party.id,
          userId: party.userId ?? null,
          talkTime: random.between(10, call.durationS / 2),
        }),
      );
  if (asked.has('personInteractionStats'))
    interaction['interactionStats'] = [
      { name: 'Talk Ratio', value: random.next() },
      { name: 'Longest Monologue', value: random.int(20, 200) },
      { name: 'Patience', value: random.between(0.2, 2) },
    ];
  if (asked.has('video') && call.media === 'Video')
    interaction['video'] = [{ name: 'Browser', duration: random.int(0, call.durationS) }];
  if (asked.has('questions'))
    interaction['questions'] = { companyCount: random.int(0, 20), nonCompanyCount: random.int(0, 20) };
  return interaction;
}
