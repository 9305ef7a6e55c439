// Files that a host or a person names for a run. One that is missing or empty is somebody's failed step, never "none was given".
import { readFile } from 'node:fs/promises';
import { ConnectorError } from '../core/errors.ts';
import { stateHint } from '../protocol/state-text.ts';

/**
 * @param shownPath how messages name the file
 * @returns the text of the file behind `--state`
 * @throws ConnectorError (config) when it cannot be read, or is not there
 */
export async function readStateFile(path: string, shownPath: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message =
      code === 'ENOENT'
        ? `There is no state file ${shownPath}: the path is wrong, or no run has saved a state there yet.`
        : `The state file ${shownPath} cannot be read (${String(code)}).`;
    throw new ConnectorError(message, { area: 'config', hint: stateHint, fields: { path: shownPath }, cause });
  }
}

/**
 * @param value of a JSON file that a flag names; null when it is empty
 * @param hint the next step
 * @throws ConnectorError (config) when the file holds nothing
 */
export function refuseEmptyFile<Value>(value: Value | null, shownPath: string, hint: string): Value {
  if (value !== null) return value;
  throw new ConnectorError(`The file ${shownPath} is empty, so whoever wrote it has probably failed.`, {
    area: 'config',
    hint,
    fields: { path: shownPath },
  });
}
