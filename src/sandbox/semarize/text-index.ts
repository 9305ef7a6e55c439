// Which call is this text? A run request does not say, so the spoken words are recognised.
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { SpeechVersion } from '../world/life.ts';
import { speechOf } from '../world/speech.ts';
import type { Monologue, World, WorldCall } from '../world/world.ts';

export interface TextIndex {
  /** Notes the words of a transcript that was served. */
  remember(call: WorldCall, speech: readonly Monologue[]): void;
  /** The call whose words (first part, whole or corrected) have this hash. */
  find(hash: string): WorldCall | undefined;
}

export function createTextIndex(world: World): TextIndex {
  const byHash = new Map<string, WorldCall>();
  let complete = false;
  const remember = (call: WorldCall, speech: readonly Monologue[]) => {
    const hash = hashOfWords(spokenWords(speech));
    if (!byHash.has(hash)) byHash.set(hash, call);
  };
  // Needed only for texts that were served before a restart, or that this world never spoke.
  const readWholeWorld = () => {
    complete = true;
    for (const call of world.calls)
      for (const version of versionsOf(call)) remember(call, speechOf(world, call, version));
  };
  return {
    remember,
    find: (hash) => {
      if (!byHash.has(hash) && !complete) readWholeWorld();
      return byHash.get(hash);
    },
  };
}

/** The texts that Gong ever shows of a call. */
function versionsOf({ life }: WorldCall): SpeechVersion[] {
  if (life.transcriptMs === Number.POSITIVE_INFINITY) return [];
  const versions: SpeechVersion[] = ['complete'];
  if (life.completeMs > life.transcriptMs) versions.push('partial');
  if (life.textEditedMs < Number.POSITIVE_INFINITY) versions.push('edited');
  return versions;
}

function spokenWords(speech: readonly Monologue[]): string {
  const sentences = speech.flatMap((monologue) => monologue.sentences);
  return sentences
    .toSorted((a, b) => a.start - b.start)
    .map(({ text }) => text)
    .join(' ');
}

/**
 * The hash of the words in `input.transcript`: a string with one turn a line, `Name (role): text` (or `Name: text`), or an
 * array of `{speaker, text}`. Other inputs hash as a whole.
 */
export function hashOfInput(input: JsonObject): string {
  return hashOfWords(wordsOfInput(input['transcript']) ?? JSON.stringify(input));
}

function wordsOfInput(transcript: JsonValue | undefined): string | undefined {
  if (typeof transcript === 'string')
    return transcript
      .split('\n')
      .map((line) => line.replace(/^.{0,300}?\((?:rep|prospect|unknown)\): |^[^:]{1,60}: /u, ''))
      .join(' ');
  if (!Array.isArray(transcript)) return undefined;
  return transcript.map((turn) => (isJsonObject(turn) ? String(turn['text'] ?? '') : '')).join(' ');
}

/** Letters and digits alone count, in lower case: white space and punctuation may be joined differently. */
function hashOfWords(text: string): string {
  const words = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  return createHash('sha256').update(words).digest('base64url').slice(0, 22);
}
