// Our messages as Singer lines: a schema before the first record of its stream, and states that carry all bookmarks.
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../core/message.ts';
import { toJsonLine, toWellFormedLine } from '../../jsonl/json-line.ts';
import type { Encoder } from '../dialect.ts';
import type { SelectedStream } from './catalog.ts';
import { bookmarksOf } from './state.ts';

export interface SingerEncoder extends Encoder {
  /** The state as it was given, so that a run that breaks off does not lose it; empty when there was none. */
  start(): string;
  /** The schema of a stream. */
  schema(selected: SelectedStream): string;
}

/** @param saved the state of an earlier run; what is in it of other streams, or unknown, is in every state of this one */
export function createSingerEncoder(streams: readonly SelectedStream[], saved: JsonObject): SingerEncoder {
  const byName = new Map(streams.map((selected) => [selected.stream.name, selected]));
  const { bookmarks: _, currently_syncing: __, ...others } = saved;
  // As texts: a state has all of them, and one of them has changed.
  const bookmarks = new Map(Array.from(bookmarksOf(saved), ([name, state]) => [name, JSON.stringify(state)]));
  const rest = Object.entries(others).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);

  function stateLine(): string {
    const members = Array.from(bookmarks, ([name, text]) => `${JSON.stringify(name)}:${text}`);
    return toWellFormedLine(`{"type":"STATE","value":{"bookmarks":{${members.join(',')}}${rest.join('')}}}`);
  }

  function schema({ stream, schema: form }: SelectedStream): string {
    return toJsonLine({
      type: 'SCHEMA',
      stream: stream.name,
      schema: form,
      key_properties: stream.primaryKey.flatMap(([first]) => (first === undefined ? [] : [first])),
      bookmark_properties: [...stream.cursorField],
    });
  }

  return {
    start: () => (Object.keys(saved).length === 0 ? '' : stateLine()),
    schema,
    encode(message: Message): string {
      switch (message.type) {
        case 'record': {
          const { stream, row, emittedAt } = message;
          const properties = byName.get(stream)?.properties;
          return toJsonLine({
            type: 'RECORD',
            stream,
            record: properties === undefined ? row : pick(row, properties),
            time_extracted: new Date(emittedAt).toISOString(),
          });
        }
        case 'state':
          bookmarks.set(message.stream, JSON.stringify(message.state));
          return stateLine();
        case 'status': {
          const selected = byName.get(message.stream);
          return message.status === 'started' && selected !== undefined ? schema(selected) : '';
        }
        case 'log':
        case 'report':
          return '';
      }
    },
  };
}

function pick(row: JsonObject, properties: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => properties.has(name)));
}
