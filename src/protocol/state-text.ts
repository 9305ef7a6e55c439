// The text of a saved state, before a dialect reads it. What is broken is an error: taken for a first read it would buy runs again.
import { ConnectorError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';

/** The next step of whoever has no state to give. */
export const stateHint =
  'on a first run leave --state out; else restore the file: starting from nothing asks for paid runs again';

/** Makes the error of a state from a part of a sentence. */
export type Refuse = (why: string) => ConnectorError;

/**
 * @param shownPath how messages name the file
 * @param form what the file holds, as a part of a sentence
 */
export function createRefusal(shownPath: string, form: string): Refuse {
  return (why) =>
    new ConnectorError(`The state file ${shownPath} cannot be used: ${why}.`, {
      area: 'config',
      hint: `${stateHint}. It holds ${form}`,
      fields: { path: shownPath },
    });
}

/** @throws what `refuse` makes, when the text is empty or no JSON */
export function parseStateText(text: string, refuse: Refuse): JsonValue {
  const json = text.replace(/^\uFEFF/, '');
  if (json.trim() === '') throw refuse('it is empty, so whoever wrote it has probably failed');
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    // The parser's own text quotes the file.
    throw refuse('it is not JSON');
  }
}
