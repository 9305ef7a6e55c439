// The source's settings: one schema that parses them and prints spec.json. Flat keys, the same in YAML, under a host and in
// the environment.
import { z } from 'zod';
import type { JsonObject } from '../core/json.ts';
import { toJsonSchema } from '../core/json-schema.ts';
import type { SettingProblem } from '../core/settings.ts';
import { parseSettings } from '../core/settings.ts';
import { baseUrlProblems, isGongHost, isSemarizeHost } from './base-url.ts';
import { instant, millisecondsOf, origin, secret } from './config-values.ts';

export const kitSchema = z.strictObject({
  code: z
    .string()
    .regex(/^[A-Z0-9]{8}$/, { error: 'must be 8 characters, A to Z and 0 to 9' })
    .meta({ order: 0, title: 'Code', description: 'The kit’s code in Semarize.', examples: ['A1B2C3D4'] }),
  name: z
    .string()
    .optional()
    .meta({ order: 1, title: 'Name', description: 'A name for people.', examples: ['MEDDICC'] }),
  version_id: z.string().optional().meta({
    order: 2,
    title: 'Version',
    description:
      'Pins the version of the kit. Pin it for numbers that you publish; without it Semarize uses its current one.',
  }),
  from: instant()
    .optional()
    .meta({
      order: 3,
      title: 'From',
      description:
        'Only calls that start at or after this day or instant are bought. Default: start_date for the kits of the first sync, else the moment a kit was first seen.',
      examples: ['2026-06-01'],
    }),
  min_duration_seconds: z.number().min(0).default(0).meta({
    order: 4,
    title: 'Shortest call',
    description: 'Calls shorter than this many seconds are not bought for this kit.',
  }),
  input: z.enum(['text', 'turns']).default('text').meta({
    order: 5,
    title: 'Form of the transcript',
    description: 'text: one line “Name (role): …” per turn. turns: a list of speaker and text.',
  }),
});

export const sourceConfigSchema = z.strictObject({
  gong_access_key: secret().meta({
    order: 0,
    title: 'Gong access key',
    description: 'From app.gong.io/company/api-authentication, made by a technical administrator of Gong.',
    airbyte_secret: true,
  }),
  gong_access_key_secret: secret().meta({
    order: 1,
    title: 'Gong access key secret',
    description: 'Shown once, together with the access key.',
    airbyte_secret: true,
  }),
  start_date: instant().meta({
    order: 2,
    title: 'Start date',
    description: 'Calls that start before this day or instant (UTC) are not read.',
    format: 'date-time',
    pattern_descriptor: 'YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ',
    examples: ['2026-01-01T00:00:00Z', '2026-01-01'],
  }),
  end_date: instant()
    .optional()
    .meta({
      order: 3,
      title: 'End date',
      description: 'Calls that start at or after this day or instant (UTC) are not read. Default: none.',
      format: 'date-time',
      pattern_descriptor: 'YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ',
      examples: ['2026-07-01T00:00:00Z'],
    }),
  semarize_api_key: secret().optional().meta({
    order: 4,
    title: 'Semarize API key',
    description:
      'Without it the stream semarize_runs is not offered. A key that starts with smz_test_ marks its runs as sandbox.',
    airbyte_secret: true,
  }),
  kits: z
    .array(kitSchema)
    .default([])
    .meta({
      order: 5,
      title: 'Kits',
      description:
        'What each transcript is evaluated with; each kit costs one run per transcript. Empty: nothing is bought.',
      examples: [[{ code: 'A1B2C3D4', name: 'MEDDICC' }]],
    }),
  max_runs_per_sync: z.int().min(0).default(100).meta({
    order: 6,
    title: 'Most runs per sync',
    description: 'At most this many runs are bought in one sync; the others wait for the next.',
  }),
  gong_base_url: origin()
    .default('https://api.gong.io')
    .meta({
      order: 7,
      title: 'Gong API URL',
      description: 'Some companies have their own: it stands beside the access key in Gong.',
      examples: ['https://us-12345.api.gong.io'],
    }),
  workspace_ids: z.array(z.string()).default([]).meta({
    order: 8,
    title: 'Workspaces',
    description: 'Ids of the Gong workspaces to read. Empty: all.',
  }),
  private_calls: z.enum(['exclude', 'metadata_only', 'include']).default('metadata_only').meta({
    order: 9,
    title: 'Private calls',
    description:
      'exclude: not read. metadata_only: a row in calls, but no transcript. include: the transcript too. They are never evaluated.',
  }),
  lookback_hours: z.number().min(0).default(24).meta({
    order: 10,
    title: 'Look-back (hours)',
    description:
      'Each sync lists calls again that started up to this long before the last window’s end, since Gong publishes calls late.',
  }),
  deep_lookback_days: z.number().min(0).default(7).meta({
    order: 11,
    title: 'Daily look-back (days)',
    description: 'Once a day the look-back reaches this far.',
  }),
  sweep_days: z.number().min(0).default(90).meta({
    order: 12,
    title: 'Weekly sweep (days)',
    description:
      'Once a week the rows of this many days are listed again, for edits and for calls that turned private or are gone.',
  }),
  transcript_settle_hours: z.number().min(0).default(2).meta({
    order: 13,
    title: 'Settle time (hours)',
    description: 'Calls that ended less than this ago are not evaluated yet: their transcript may still grow.',
  }),
  transcript_give_up_days: z.number().min(0).default(14).meta({
    order: 14,
    title: 'Give up on transcripts (days)',
    description: 'A call without a transcript is asked for this long, then marked gave_up.',
  }),
  min_transcript_chars: z.int().min(0).default(200).meta({
    order: 15,
    title: 'Shortest transcript (characters)',
    description: 'Shorter transcripts are not evaluated.',
  }),
  gong_requests_per_second: z.number().gt(0).default(2).meta({
    order: 16,
    title: 'Gong requests per second',
    description: 'Gong allows the whole company 3.',
  }),
  gong_requests_per_day: z.int().min(1).default(8000).meta({
    order: 17,
    title: 'Gong requests per day',
    description: 'Gong allows the whole company 10,000.',
  }),
  semarize_base_url: origin().default('https://api.semarize.com').meta({
    order: 18,
    title: 'Semarize API URL',
    description: 'Where runs are bought.',
  }),
  semarize_concurrency: z.int().min(1).default(8).meta({
    order: 19,
    title: 'Semarize concurrency',
    description: 'Runs under way at a time.',
  }),
  workspace_label: z.string().default('default').meta({
    order: 20,
    title: 'Workspace label',
    description:
      'Part of what makes a run the same run. Changing it buys everything again; two Semarize workspaces need two labels.',
  }),
  allowed_hosts: z
    .array(
      z.string().regex(/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i, {
        error: 'must be a host or host:port, without https://',
      }),
    )
    .default([])
    .meta({
      order: 21,
      title: 'Other allowed hosts',
      description:
        'Hosts beside Gong’s and Semarize’s own that may be given the keys, as host or host:port. http is accepted only for a loopback host that is listed here.',
      examples: [['gong-proxy.example.com']],
    }),
});

export type SourceConfig = z.output<typeof sourceConfigSchema>;
export type KitConfig = SourceConfig['kits'][number];

/** Settings that are secrets: for the redaction, and for where they may come from. */
export const secretSettings = ['gong_access_key', 'gong_access_key_secret', 'semarize_api_key'] as const;

/**
 * @param now milliseconds since the epoch: a start in the future is refused.
 * @returns the settings with defaults filled in, dates as ISO instants in UTC, base URLs as origins.
 * @throws ConnectorError of area `config` that names every problem by path, without values.
 */
export function parseSourceConfig(value: unknown, now: number = Date.now()): SourceConfig {
  return parseSettings(sourceConfigSchema, value, (settings) => sourceProblems(settings, now));
}

/** What is wrong with settings beyond each one's own form. `settings` are in their types, but unchecked. */
export function sourceProblems(settings: JsonObject, now: number): SettingProblem[] {
  return [
    ...dateProblems(settings, now),
    ...baseUrlProblems('gong_base_url', settings, isGongHost, 'api.gong.io or a host under it'),
    ...baseUrlProblems('semarize_base_url', settings, isSemarizeHost, 'api.semarize.com'),
    ...kitProblems(settings),
  ];
}

/** What `spec` answers to a host, and what spec.json holds. */
export function sourceSpec(): JsonObject {
  return {
    documentationUrl: 'https://www.npmjs.com/package/gong-elt',
    connectionSpecification: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Gong and Semarize',
      ...toJsonSchema(sourceConfigSchema, 'input'),
      additionalProperties: true,
    },
  };
}

function dateProblems({ start_date, end_date }: JsonObject, now: number): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (millisecondsOf(start_date) > now) problems.push({ path: ['start_date'], text: 'is in the future' });
  if (millisecondsOf(end_date) <= millisecondsOf(start_date))
    problems.push({ path: ['end_date'], text: 'must be after start_date' });
  return problems;
}

function kitProblems({ kits }: JsonObject): SettingProblem[] {
  const seen = new Set<string>();
  return (Array.isArray(kits) ? kits : []).flatMap((kit, index) => {
    const { code, version_id: version = null } = typeof kit === 'object' && !Array.isArray(kit) && kit ? kit : {};
    if (typeof code !== 'string') return [];
    const name = JSON.stringify([code, version]);
    if (seen.has(name)) return [{ path: ['kits', index], text: 'has the same code and version_id as a kit before it' }];
    seen.add(name);
    return [];
  });
}
