// What one sync or plan is asked to do beyond its settings: a range, kits, streams, limits.
import { ConnectorError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { parseSettings } from '../core/settings.ts';
import type { KitConfig } from '../source/config.ts';
import { kitSchema } from '../source/config.ts';
import type { ReadRequest } from '../source/read-request.ts';
import { streamNames } from '../source/streams.ts';
import type { Flag, FlagValues } from './command.ts';
import { listFlag, numberFlag, textFlag } from './command.ts';

export const requestFlags: Readonly<Record<string, Flag>> = {
  from: {
    type: 'string',
    group: 'What:',
    describe: 'Only calls that start at or after it: a day, an instant, or 7d for the last 7 days; the bookmarks stay',
    otherwise: 'what is new since the last sync',
  },
  until: { type: 'string', group: 'What:', describe: 'Only calls that start before it; the bookmarks stay' },
  limit: { type: 'number', group: 'What:', describe: 'At most this many calls, to try things out; the bookmarks stay' },
  streams: {
    type: 'string',
    group: 'What:',
    describe: 'Only these, divided by commas; without semarize_runs nothing is bought',
    otherwise: streamNames.join(','),
  },
  kit: {
    type: 'string',
    array: true,
    group: 'Runs:',
    describe:
      'CODE or CODE@VERSION, more than once for more; with --from also for calls older than the kit’s own start',
    setting: 'kits',
    otherwise: 'kits of the settings',
  },
  'max-runs': {
    type: 'number',
    group: 'Runs:',
    describe: 'Buy at most this many runs now',
    setting: 'max_runs_per_sync',
    otherwise: '100',
  },
};

/**
 * @param kits those of the settings: a kit named by a flag keeps what they say of it
 * @param now milliseconds since the epoch
 * @throws ConnectorError of area `config`
 */
export function parseRequest(
  flags: FlagValues,
  kits: readonly KitConfig[],
  now: number,
): Pick<ReadRequest, 'range' | 'limit' | 'streams' | 'kits' | 'maxRuns'> {
  const from = instantOf(flags, 'from', now);
  const until = instantOf(flags, 'until', now);
  if (from !== undefined && until !== undefined && until <= from) throw usageError('--until must be after --from.');
  return {
    range: from === undefined && until === undefined ? undefined : { from, until },
    limit: wholeNumber(flags, 'limit', 1),
    maxRuns: wholeNumber(flags, 'max-runs', 0),
    streams: textFlag(flags, 'streams')?.split(',').map(knownStream),
    kits: listFlag(flags, 'kit')?.map((text) => kitOf(text, kits)),
  };
}

function kitOf(text: string, kits: readonly KitConfig[]): KitConfig {
  const [code = '', version] = text.split('@', 2);
  const configured = kits.find((kit) => kit.code === code && (version === undefined || kit.version_id === version));
  if (configured !== undefined) return configured;
  const { version_id: _, ...sameCode } = kits.find((kit) => kit.code === code) ?? { code };
  const pinned = version === undefined ? {} : { version_id: version };
  try {
    return parseSettings(kitSchema, { ...sameCode, ...pinned });
  } catch (cause) {
    throw new ConnectorError('--kit must be CODE or CODE@VERSION; a code has 8 characters, A to Z and 0 to 9.', {
      area: 'config',
      hint: 'copy the code from Semarize',
      cause,
    });
  }
}

function knownStream(name: string): string {
  const trimmed = name.trim();
  if ((streamNames as readonly string[]).includes(trimmed)) return trimmed;
  const near = nearestName(trimmed, streamNames);
  const meant = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new ConnectorError(`There is no stream "${trimmed}".${meant}`, {
    area: 'config',
    hint: `the streams are ${streamNames.join(', ')}`,
  });
}

const dayMs = 24 * 3_600_000;

/** Milliseconds since the epoch. */
function instantOf(flags: FlagValues, name: string, now: number): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  if (days !== undefined) return now - Number(days) * dayMs;
  const isInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const ms = isInstant ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw usageError(
      `--${name} must be a day (2026-01-31), an instant with its zone (2026-01-31T08:00:00Z) or days back (7d).`,
    );
  return ms;
}

function wholeNumber(flags: FlagValues, name: string, least: number): number | undefined {
  const value = numberFlag(flags, name);
  if (value !== undefined && (!Number.isInteger(value) || value < least))
    throw usageError(`--${name} must be a whole number, at least ${least}.`);
  return value;
}

function usageError(message: string): ConnectorError {
  return new ConnectorError(message, { area: 'config', hint: 'see --help of the command' });
}
