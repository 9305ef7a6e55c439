// Settings that are secrets: the one place that learns them, and what may be shown of them.
import type { JsonObject, JsonValue } from '../core/json.ts';
import { secretSettings } from '../source/config.ts';

/**
 * Whatever settings come from, the redaction hears of their secrets here.
 * @param learn of the redactor
 */
export function learnSecrets(settings: JsonObject, learn: (secret: string) => void): void {
  for (const name of secretSettings) {
    const secret = settings[name];
    if (typeof secret === 'string') learn(secret.trim());
  }
}

// Of a shorter one the last four characters would give too much away.
const shortestRecognizable = 13;

/** `set (…a91f)`: enough to recognize a key by, too little to use it. */
export function secretText(secret: JsonValue | undefined): string {
  if (secret === undefined || secret === null) return 'not set';
  const text = typeof secret === 'string' ? secret.trim() : '';
  return text.length < shortestRecognizable ? 'set' : `set (…${text.slice(-4)})`;
}
