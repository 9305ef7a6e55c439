// The one place that learns secrets: whatever settings come from, the redaction hears of their keys here.
import type { JsonObject } from '../core/json.ts';
import { secretSettings } from '../source/config.ts';

/** @param learn of the redactor */
export function learnSecrets(settings: JsonObject, learn: (secret: string) => void): void {
  for (const name of secretSettings) {
    const secret = settings[name];
    if (typeof secret === 'string') learn(secret.trim());
  }
}
