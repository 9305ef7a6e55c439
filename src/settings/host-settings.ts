// The source's settings as a host hands them over: in a file, in one piece.
import { isJsonObject, type JsonValue } from '../core/json.ts';
import { parseSourceConfig, type SourceConfig } from '../source/config.ts';
import { learnSecrets } from './secrets.ts';

export { sourceConfigSchema, sourceSpec } from '../source/config.ts';

/**
 * @param now milliseconds since the epoch
 * @throws ConnectorError of area `config` that lists every problem, without values
 */
export function parseHostSettings(value: JsonValue, now: number, learn: (secret: string) => void): SourceConfig {
  // Before they are checked: what is wrong with them is told.
  if (isJsonObject(value)) learnSecrets(value, learn);
  return parseSourceConfig(value, now);
}
