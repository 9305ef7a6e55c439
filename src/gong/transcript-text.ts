// Monologues and sentences → turns of named speakers, and the text that is stored and evaluated.
import { sha256 } from '../core/hash.ts';
import { present } from './lists.ts';
import type { Party, Sentence, TranscriptRow } from './row-schemas.ts';
import type { GongTranscript } from './schemas.ts';

type Built = Omit<TranscriptRow, 'call_id' | 'started_at' | 'extracted_at'>;

/**
 * Sentences in order of time (Gong does not promise an order), neighbours of one speaker joined to a turn, one line a turn:
 * `Name (role): …`. A speaker without a name is `Speaker N`, numbered by first word. Undefined when nobody says anything.
 */
export function buildTranscript(transcript: GongTranscript, parties: readonly Party[]): Built | undefined {
  const speakers = createSpeakers(parties);
  const spoken = present(transcript.transcript)
    .flatMap((monologue) =>
      present(monologue.sentences).map((sentence) => ({
        speakerId: monologue.speakerId ?? null,
        topic: monologue.topic ?? null,
        start: sentence.start ?? null,
        end: sentence.end ?? null,
        text: (sentence.text ?? '').trim(),
      })),
    )
    .filter((sentence) => sentence.text !== '')
    .sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
  if (spoken.length === 0) return undefined;

  const sentences: Sentence[] = [];
  const lines: string[] = [];
  let turn = -1;
  let attributed = 0;
  let talk = 0;
  for (const [idx, sentence] of spoken.entries()) {
    const speaker = speakers.of(sentence.speakerId);
    // A line break inside a sentence would look like a new turn.
    const words = sentence.text.replace(/\s*[\r\n]+\s*/g, ' ');
    if (idx === 0 || sentence.speakerId !== spoken[idx - 1]?.speakerId) {
      turn += 1;
      lines.push(`${speaker.name} (${speaker.role}): ${words}`);
    } else lines[turn] += ` ${words}`;
    const duration = Math.max(0, (sentence.end ?? 0) - (sentence.start ?? 0));
    talk += duration;
    if (speaker.isKnown) attributed += duration;
    sentences.push({
      idx,
      turn,
      speaker_id: sentence.speakerId,
      speaker_name: speaker.name,
      role: speaker.role,
      topic: sentence.topic,
      start_ms: sentence.start,
      end_ms: sentence.end,
      text: sentence.text,
    });
  }
  const text = lines.join('\n');
  return {
    text,
    sentences,
    transcript_hash: sha256(text),
    n_sentences: sentences.length,
    n_turns: lines.length,
    n_speakers: speakers.count(),
    n_chars: countCharacters(text),
    unattributed_share: talk === 0 ? null : (talk - attributed) / talk,
  };
}

interface Speaker {
  readonly name: string;
  readonly role: string;
  readonly isKnown: boolean;
}

function createSpeakers(parties: readonly Party[]) {
  const speakers = new Map<string | null, Speaker>();
  const byId = new Map(parties.filter((party) => party.speaker_id !== null).map((party) => [party.speaker_id, party]));
  let unnamed = 0;
  return {
    of(speakerId: string | null): Speaker {
      const known = speakers.get(speakerId);
      if (known !== undefined) return known;
      const party = speakerId === null ? undefined : byId.get(speakerId);
      // A name is a label here: whatever would break the line's form goes.
      const name = party?.name?.replace(/[\p{Cc}\s:]+/gu, ' ').trim();
      const speaker = {
        name: name ? name : `Speaker ${++unnamed}`,
        role: party?.role ?? 'unknown',
        isKnown: party !== undefined,
      };
      speakers.set(speakerId, speaker);
      return speaker;
    },
    count: () => speakers.size,
  };
}

/** Unicode code points: what SQL's `length` counts. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff](?=[\udc00-\udfff])/g)?.length ?? 0);
}
