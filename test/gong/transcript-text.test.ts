import { expect, test } from 'vitest';
import type { Party } from '../../src/gong/row-schemas.ts';
import { buildTranscript } from '../../src/gong/transcript-text.ts';

const party = (speaker_id: string, name: string | null, role: string): Party => ({
  party_id: `p${speaker_id}`,
  speaker_id,
  user_id: null,
  name,
  email: null,
  title: null,
  phone: null,
  affiliation: null,
  role,
  methods: [],
  crm_ids: [],
});
const said = (speakerId: string | null, ...sentences: [start: number, end: number, text: string][]) => ({
  speakerId,
  topic: null,
  sentences: sentences.map(([start, end, text]) => ({ start, end, text })),
});

test('sentences are ordered by time, neighbours of one speaker join to a turn, one line a turn', () => {
  const built = buildTranscript(
    {
      callId: '1',
      transcript: [
        said('a', [0, 1000, 'Hello.']),
        said('b', [3000, 4000, 'Hi\nthere.']),
        said('a', [1000, 3000, ' How are you? ']),
      ],
    },
    [party('a', 'Ann: Lee', 'rep'), party('b', 'Bo', 'prospect')],
  );
  expect(built?.text).toBe('Ann Lee (rep): Hello. How are you?\nBo (prospect): Hi there.');
  expect(built?.sentences.map(({ turn, speaker_name, text }) => [turn, speaker_name, text])).toEqual([
    [0, 'Ann Lee', 'Hello.'],
    [0, 'Ann Lee', 'How are you?'],
    [1, 'Bo', 'Hi\nthere.'],
  ]);
  expect(built).toMatchObject({ n_sentences: 3, n_turns: 2, n_speakers: 2, unattributed_share: 0 });
});

test('speakers without a name are numbered by their first word; unknown time is counted', () => {
  const built = buildTranscript(
    {
      callId: '1',
      transcript: [said(null, [0, 1000, 'One.']), said('x', [1000, 4000, 'Two.']), said(null, [4000, 5000, 'Three.'])],
    },
    [party('x', null, 'prospect')],
  );
  expect(built?.text).toBe('Speaker 1 (unknown): One.\nSpeaker 2 (prospect): Two.\nSpeaker 1 (unknown): Three.');
  expect(built?.unattributed_share).toBeCloseTo(0.4, 12);
});

test('the hash follows words, order and speaker labels, and nothing else', () => {
  const hash = (name: string, words: string, topic: string | null = null) =>
    buildTranscript({ callId: '1', transcript: [{ ...said('a', [0, 1, words]), topic }] }, [party('a', name, 'rep')])
      ?.transcript_hash;
  expect(hash('Ann', 'Hello.')).toBe(hash('Ann', 'Hello.', 'Intro'));
  expect(hash('Ann', 'Hello.')).not.toBe(hash('Ann', 'Hello!'));
  expect(hash('Ann', 'Hello.')).not.toBe(hash('Bo', 'Hello.'));
});

test('nothing said is no transcript; characters are counted as SQL does', () => {
  expect(buildTranscript({ callId: '1', transcript: [] }, [])).toBe(undefined);
  expect(buildTranscript({ callId: '1', transcript: [said('a', [0, 1, '  '])] }, [])).toBe(undefined);
  expect(
    buildTranscript({ callId: '1', transcript: [said('a', [0, 1, '\u{1f600}\u{1f600}'])] }, [party('a', 'A', 'rep')])
      ?.n_chars,
  ).toBe('A (rep): '.length + 2);
});
