// The file behind `--state`: what the source said in an earlier read, in the forms that hosts hand it back.
import { ConnectorError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/** A number that the encoder puts into a state that equals the one before it, and this file takes out again. */
export const repeatKey = '__gong_elt_repeat';

/**
 * State by stream name; empty for the ways of saying "none": no file, an empty one, `null`, `{}`, `[]`, entries of nulls.
 * @throws ConnectorError `config` for anything else that is not a list of stream states: a broken file never means "from zero".
 */
export function parseStateFile(text: string | undefined): Map<string, JsonObject> {
  const states = new Map<string, JsonObject>();
  if (text === undefined || text.trim() === '') return states;
  const value = parseJson(text);
  if (value === null || (isJsonObject(value) && Object.keys(value).length === 0)) return states;
  const entries = Array.isArray(value) ? value : [value];
  for (const entry of entries) for (const [name, state] of readEntry(entry)) states.set(name, state);
  return states;
}

function readEntry(entry: JsonValue): [name: string, state: JsonObject][] {
  if (!isJsonObject(entry)) throw refuse('it has an entry that is no object');
  // People collect STATE lines from stdout: those have the message around the state.
  const state = entry['type'] === 'STATE' ? (entry['state'] ?? {}) : entry;
  if (!isJsonObject(state)) throw refuse('it has a STATE message without a state');
  if (Object.values(state).every((value) => value === null)) return [];
  if (state['type'] === 'GLOBAL' && isJsonObject(state['global'])) {
    const streams = state['global']['stream_states'];
    return Array.isArray(streams) ? streams.flatMap(readStreamState) : [];
  }
  if (state['type'] === 'STREAM') return readStreamState(state['stream']);
  throw refuse('it is of the old form with one object for all streams');
}

function readStreamState(value: JsonValue | undefined): [string, JsonObject][] {
  const descriptor = isJsonObject(value) ? value['stream_descriptor'] : undefined;
  const name = isJsonObject(descriptor) ? descriptor['name'] : undefined;
  if (!isJsonObject(value) || typeof name !== 'string') throw refuse('it has a state of no named stream');
  const state = value['stream_state'] ?? null;
  // A null state means that the stream was reset.
  if (state === null) return [];
  if (!isJsonObject(state)) throw refuse(`the state of stream "${name}" is no object`);
  const { [repeatKey]: _, ...content } = state;
  return [[name, content]];
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as JsonValue;
  } catch (cause) {
    // The parser's own text quotes the file.
    throw refuse(`it is not JSON (${cause instanceof Error ? cause.name : 'parse error'})`);
  }
}

function refuse(why: string): ConnectorError {
  return new ConnectorError(`The state file cannot be used: ${why}.`, {
    area: 'config',
    hint: 'give back the state of the last read unchanged, as a JSON list of its STREAM states; to start anew, leave --state out',
  });
}
