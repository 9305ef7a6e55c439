// The bench's input, the same bytes every time: records of our own streams as Airbyte RECORD lines, and the bare objects.

import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const words =
  'pricing security rollout pipeline budget approval champion metric renewal timeline integration owner risk next step'.split(
    ' ',
  );

/** A small generator of its own: same seed, same bytes, whatever the Node version (mulberry32). */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function sentence(random, length) {
  let text = '';
  while (text.length < length) text += `${words[Math.floor(random() * words.length)]} `;
  return text.slice(0, length);
}

/** About 1 kB. */
export function callRow(index) {
  const random = createRandom(index);
  const startedAt = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
  return {
    call_id: `77823422740259${String(index).padStart(6, '0')}`,
    workspace_id: '623457276584334',
    url: `https://us-12345.app.gong.io/call?id=${index}`,
    title: sentence(random, 40),
    started_at: startedAt,
    duration_s: 60 + Math.floor(random() * 3600),
    direction: 'outbound',
    is_private: false,
    owner_name: sentence(random, 14),
    parties: [
      {
        party_id: `${index}1`,
        speaker_id: `${index}11`,
        name: sentence(random, 12),
        email: `a${index}@example.com`,
        affiliation: 'internal',
        role: 'rep',
        methods: ['Invitee', 'Attendee'],
        crm_ids: [],
      },
      {
        party_id: `${index}2`,
        speaker_id: `${index}22`,
        name: sentence(random, 12),
        email: `b${index}@example.org`,
        affiliation: 'external',
        role: 'prospect',
        methods: ['Attendee'],
        crm_ids: [],
      },
    ],
    opportunity_id: `006${index % 5000}`,
    amount_now: Math.round(random() * 1e6) / 100,
    close_date_now: startedAt.slice(0, 10),
    crm_objects: [],
    content_hash: sentence(random, 64),
    extracted_at: startedAt,
    raw: { note: sentence(random, 60) },
  };
}

/** About 90 kB. */
export function transcriptRow(index) {
  const random = createRandom(1_000_000 + index);
  const sentences = Array.from({ length: 250 }, (_, idx) => ({
    idx,
    turn: idx >> 1,
    speaker_id: `${index}${idx % 2}`,
    speaker_name: `Speaker ${idx % 2}`,
    role: idx % 2 ? 'prospect' : 'rep',
    topic: null,
    start_ms: idx * 4000,
    end_ms: idx * 4000 + 3500,
    text: sentence(random, 120),
  }));
  const text = sentences.map((item) => `${item.speaker_name} (${item.role}): ${item.text}`).join('\n');
  return {
    call_id: `77823422740259${String(index).padStart(6, '0')}`,
    started_at: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
    text,
    sentences,
    transcript_hash: sentence(random, 64),
    n_sentences: sentences.length,
    n_turns: 125,
    n_speakers: 2,
    n_chars: text.length,
    unattributed_share: 0.01,
    extracted_at: '2026-06-01T00:00:00.000Z',
  };
}

/** @returns paths of the file of RECORD lines and of the file of bare objects; made when they are not there. */
export async function makeLines(folder, stream, rows) {
  mkdirSync(folder, { recursive: true });
  const paths = {
    messages: join(folder, `${stream}-${rows}.messages.jsonl`),
    objects: join(folder, `${stream}-${rows}.objects.jsonl`),
  };
  if (existsSync(paths.messages) && existsSync(paths.objects)) return paths;
  const toRow = stream === 'calls' ? callRow : transcriptRow;
  const outputs = [createWriteStream(paths.messages), createWriteStream(paths.objects)];
  for (let index = 0; index < rows; index++) {
    const data = JSON.stringify(toRow(index));
    const lines = [
      `{"type":"RECORD","record":{"stream":"${stream}","data":${data},"emitted_at":${1_780_000_000_000 + index}}}\n`,
      `${data}\n`,
    ];
    for (const [at, output] of outputs.entries()) if (!output.write(lines[at])) await once(output, 'drain');
  }
  for (const output of outputs) {
    output.end();
    await once(output, 'close');
  }
  return paths;
}
