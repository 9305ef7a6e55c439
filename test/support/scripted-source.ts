// What a source says when it is a script: two streams, their rows and how far they are.
import type { Stream } from '../../src/core/catalog.ts';
import type { Message } from '../../src/core/message.ts';

export const streams: Stream[] = ['calls', 'transcripts'].map((name) => ({
  name,
  jsonSchema: { type: 'object', properties: { id: { type: 'string' } } },
  primaryKey: [['id']],
  cursorField: [],
  syncModes: ['full_refresh', 'incremental'],
}));

export function row(stream: string, id: string): Message {
  return { type: 'record', stream, row: { id }, emittedAt: 1_760_000_000_000 };
}

export function status(stream: string, value: 'started' | 'running' | 'complete' | 'incomplete'): Message {
  return { type: 'status', stream, status: value };
}
