// YAML and JSON files of settings. Errors name line and column, never the text that stands there: it may be a key.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';

/** gong-elt.yaml here, or above as far as the root of the repository. Outside of one only here: a folder above may be anybody's. */
export function findConfigFile(cwd: string): string | undefined {
  const above: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    above.push(join(folder, 'gong-elt.yaml'));
    if (existsSync(join(folder, '.git'))) break;
    if (dirname(folder) === folder) {
      above.length = 1;
      break;
    }
  }
  return above.find((path) => existsSync(path));
}

/**
 * @param shownPath how messages name the file
 * @returns its settings; an empty file has none.
 * @throws ConnectorError of area `config`
 */
export async function readConfigFile(path: string, shownPath: string): Promise<JsonObject> {
  const { LineCounter, parseDocument } = await import('yaml');
  const text = await readTextFile(path, shownPath);
  const lineCounter = new LineCounter();
  // JSON is YAML too.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const code = error.code.toLowerCase().replaceAll('_', ' ');
    throw fileError(`${shownPath} is not valid YAML or JSON: ${code} in line ${line}, column ${col}.`);
  }
  const settings = toValue(document, shownPath);
  if (settings === null) return {};
  if (!isJsonObject(settings)) throw fileError(`${shownPath} does not hold settings (key: value).`);
  return settings;
}

/** @throws ConnectorError of area `config` */
export async function readTextFile(path: string, shownPath: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConnectorError(
      code === 'ENOENT' ? `There is no file ${shownPath}.` : `The file ${shownPath} cannot be read (${String(code)}).`,
      { area: 'config', hint: 'correct the path, then run the same command again', cause },
    );
  }
}

/**
 * The JSON in a file that a host wrote; null for an empty one.
 * @param shownPath how messages name the file
 * @throws ConnectorError of area `config`
 */
export async function readJsonFile(path: string, shownPath: string): Promise<JsonValue> {
  const text = await readTextFile(path, shownPath);
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as JsonValue;
  } catch {
    // The parser's own text quotes the file, which may hold a key.
    throw new ConnectorError(`${shownPath} is not JSON.`, {
      area: 'config',
      hint: 'let the host write it, or correct it',
    });
  }
}

function toValue(document: { toJS(): unknown }, shownPath: string): JsonValue {
  try {
    return document.toJS() as JsonValue;
  } catch (cause) {
    // Aliases that grow beyond measure.
    throw fileError(`${shownPath} cannot be read as settings.`, cause);
  }
}

function fileError(message: string, cause?: unknown): ConnectorError {
  return new ConnectorError(message, {
    area: 'config',
    hint: 'correct the file, then run the same command again',
    cause,
  });
}
