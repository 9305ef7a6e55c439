// The file behind `--state`: what the source said in an earlier read, in the forms that hosts hand it back.
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { noState, type SavedState } from '../dialect.ts';
import { createRefusal, parseStateText, type Refuse } from '../state-text.ts';

/** A number that the encoder puts into a state that equals the one before it, and this file takes out again. */
export const repeatKey = '__gong_elt_repeat';

const form = 'a JSON list of the last STREAM state of each stream, unchanged';

/**
 * A first read has `null`, `{}`, `[]`, or entries of nulls.
 * @throws ConnectorError (config) for anything else that is not a list of stream states
 */
export function parseAirbyteState(text: string, shownPath: string): SavedState {
  const refuse = createRefusal(shownPath, form);
  const value = parseStateText(text, refuse);
  if (value === null || (isJsonObject(value) && Object.keys(value).length === 0)) return noState;
  const entries = Array.isArray(value) ? value : [value];
  return { ...noState, streams: new Map(entries.flatMap((entry) => readEntry(entry, refuse))) };
}

function readEntry(entry: JsonValue, refuse: Refuse): [name: string, state: JsonObject][] {
  if (!isJsonObject(entry)) throw refuse('it has an entry that is no object');
  // People collect STATE lines from stdout: those have the message around the state.
  const state = entry['type'] === 'STATE' ? (entry['state'] ?? {}) : entry;
  if (!isJsonObject(state)) throw refuse('it has a STATE message without a state');
  if (Object.values(state).every((value) => value === null)) return [];
  if (state['type'] === 'GLOBAL' && isJsonObject(state['global'])) {
    const streams = state['global']['stream_states'] ?? [];
    if (!Array.isArray(streams)) throw refuse('it has a GLOBAL state whose streams are no list');
    return streams.flatMap((stream) => readStreamState(stream, refuse));
  }
  if (state['type'] === 'STREAM') return readStreamState(state['stream'], refuse);
  throw refuse('it is of the old form with one object for all streams');
}

function readStreamState(value: JsonValue | undefined, refuse: Refuse): [string, JsonObject][] {
  const descriptor = isJsonObject(value) ? value['stream_descriptor'] : undefined;
  const name = isJsonObject(descriptor) ? descriptor['name'] : undefined;
  if (!isJsonObject(value) || typeof name !== 'string') throw refuse('it has a state of no named stream');
  const state = value['stream_state'] ?? null;
  // A null state means that the stream was reset.
  if (state === null) return [];
  if (!isJsonObject(state)) throw refuse('it has a stream whose state is no object');
  const { [repeatKey]: _, ...content } = state;
  return [[name, content]];
}
