// Our messages as Singer lines: a schema before the first record of its stream, and states that carry all bookmarks.
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../core/message.ts';
import { toJsonLine, toWellFormedLine } from '../../jsonl/json-line.ts';
import type { Encoder, SavedState } from '../dialect.ts';
import type { SelectedStream } from './catalog.ts';

/**
 * The state stands first as it was given, so that a run that breaks off does not lose it.
 * @param saved of an earlier read; what is in it of other streams, or unknown, is in every state of this one
 */
export function createSingerEncoder(streams: readonly SelectedStream[], saved: SavedState): Encoder {
  const byName = new Map(streams.map((selected) => [selected.stream.name, selected]));
  // As texts: a state has all of them, and one of them has changed.
  const bookmarks = new Map(Array.from(saved.streams, ([name, state]) => [name, JSON.stringify(state)]));
  const rest = Object.entries(saved.others).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);

  function stateLine(): string {
    const members = Array.from(bookmarks, ([name, text]) => `${JSON.stringify(name)}:${text}`);
    return toWellFormedLine(`{"type":"STATE","value":{"bookmarks":{${members.join(',')}}${rest.join('')}}}`);
  }

  return {
    start: () => (bookmarks.size + rest.length === 0 ? '' : stateLine()),
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
          return message.status === 'started' && selected !== undefined ? schemaLine(selected) : '';
        }
        case 'log':
        case 'report':
          return '';
      }
    },
  };
}

function schemaLine({ stream, schema: form }: SelectedStream): string {
  return toJsonLine({
    type: 'SCHEMA',
    stream: stream.name,
    schema: form,
    key_properties: stream.primaryKey.flatMap(([first]) => (first === undefined ? [] : [first])),
    bookmark_properties: [...stream.cursorField],
  });
}

function pick(row: JsonObject, properties: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => properties.has(name)));
}
