// The state of a Singer tap: one object with the bookmarks of all streams, of which each message carries the whole.
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { noState, type SavedState } from '../dialect.ts';
import { createRefusal, parseStateText, type Refuse } from '../state-text.ts';

const form = 'the value of the last STATE, unchanged';

/**
 * A first read has `null`, `{}`, or no bookmarks.
 * @throws ConnectorError (config) for anything else that is no object with bookmarks
 */
export function parseSingerState(text: string, shownPath: string): SavedState {
  const refuse = createRefusal(shownPath, form);
  let value = parseStateText(text, refuse);
  // People save whole messages.
  if (isJsonObject(value) && value['type'] === 'STATE') value = value['value'] ?? null;
  if (value === null) return noState;
  if (!isJsonObject(value)) throw refuse('it is not an object');
  // The stream that was being read is over with the read.
  const { bookmarks, currently_syncing: _, ...others } = value;
  // Whatever it is, it does not come from here: a file of settings, or a state with something of a host's around it.
  if (bookmarks === undefined && Object.keys(others).length > 0) throw refuse('it has no bookmarks');
  return { streams: readBookmarks(bookmarks ?? {}, refuse), others };
}

function readBookmarks(bookmarks: JsonValue, refuse: Refuse): Map<string, JsonObject> {
  if (!isJsonObject(bookmarks)) throw refuse('its bookmarks are not an object');
  const streams = new Map<string, JsonObject>();
  for (const [name, state] of Object.entries(bookmarks)) {
    // A null bookmark means that the stream was reset.
    if (state === null) continue;
    if (!isJsonObject(state)) throw refuse('it has a bookmark that is no object');
    streams.set(name, state);
  }
  return streams;
}
