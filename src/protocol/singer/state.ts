// The state of a Singer tap: one object with the bookmarks of all streams, of which each message carries the whole.
import { ConnectorError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/**
 * @param text of the file behind `--state`; an empty one, `{}` and `null` mean "from the start"
 * @throws ConnectorError (config) for anything else that is no state: a broken file never means "from the start"
 */
export function parseSingerState(text: string | undefined): JsonObject {
  if (text === undefined || text.trim() === '') return {};
  let value: JsonValue;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, '')) as JsonValue;
  } catch {
    throw refuse('it is not JSON');
  }
  // People save whole messages.
  if (isJsonObject(value) && value['type'] === 'STATE') value = value['value'] ?? null;
  if (value === null) return {};
  if (!isJsonObject(value)) throw refuse('it is not an object');
  const { bookmarks } = value;
  if (bookmarks !== undefined && bookmarks !== null && !isJsonObject(bookmarks))
    throw refuse('its bookmarks are not an object');
  return value;
}

/** The bookmarks by stream. */
export function bookmarksOf({ bookmarks }: JsonObject): Map<string, JsonObject> {
  const entries = isJsonObject(bookmarks) ? Object.entries(bookmarks) : [];
  return new Map(entries.filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1])));
}

function refuse(why: string): ConnectorError {
  return new ConnectorError(`The state file cannot be used: ${why}.`, {
    area: 'config',
    hint: 'give back the value of the last STATE unchanged; to start anew, leave --state out',
  });
}
