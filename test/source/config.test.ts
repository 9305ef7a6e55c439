// What a configuration may say, and how every mistake in one is told: by path, all at once, never with its value.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isJsonObject } from '../../src/core/json.ts';
import { parseSourceConfig, sourceConfigSchema, sourceSpec } from '../../src/source/config.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const least = { gong_access_key: 'AK', gong_access_key_secret: 'SK', start_date: '2026-01-01' };

function problemsOf(settings: unknown): string {
  try {
    parseSourceConfig(settings, now);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    expect((error as ConnectorError).area).toBe('config');
    return (error as ConnectorError).message;
  }
  return 'none';
}

describe('a configuration that is right', () => {
  it('needs two keys and a start date; everything else has a default', () => {
    expect(parseSourceConfig(least, now)).toEqual({
      gong_access_key: 'AK',
      gong_access_key_secret: 'SK',
      gong_base_url: 'https://api.gong.io',
      allowed_hosts: [],
      start_date: '2026-01-01T00:00:00.000Z',
      workspace_ids: [],
      private_calls: 'metadata_only',
      lookback_hours: 24,
      deep_lookback_days: 7,
      sweep_days: 90,
      transcript_settle_hours: 2,
      transcript_give_up_days: 14,
      min_transcript_chars: 200,
      gong_requests_per_second: 2,
      gong_requests_per_day: 8000,
      semarize_base_url: 'https://api.semarize.com',
      semarize_concurrency: 8,
      workspace_label: 'default',
      kits: [],
      max_runs_per_sync: 100,
    });
  });

  it.each([
    ['numbers as text', { lookback_hours: '12', max_runs_per_sync: '0' }, { lookback_hours: 12, max_runs_per_sync: 0 }],
    ['a list as JSON text', { workspace_ids: '["623457276584334000"]' }, { workspace_ids: ['623457276584334000'] }],
    [
      'groups in a list as JSON text',
      { kits: '[{"code":"A1B2C3D4","min_duration_seconds":"300"}]' },
      { kits: [{ code: 'A1B2C3D4', min_duration_seconds: 300, input: 'text' }] },
    ],
    ['null for "not set"', { end_date: null, lookback_hours: null }, { lookback_hours: 24 }],
    ['keys of the host', { _airbyte: { a: 1 }, __injected: '' }, {}],
    [
      'keys that end in a line feed',
      { gong_access_key: 'AK\n', semarize_api_key: 'x\r\n' },
      { gong_access_key: 'AK', semarize_api_key: 'x' },
    ],
    ['dates with any zone', { start_date: '2026-01-01T00:00:00-07:00' }, { start_date: '2026-01-01T07:00:00.000Z' }],
    [
      'a URL with its slash',
      { gong_base_url: 'https://US-12345.api.gong.io/' },
      { gong_base_url: 'https://us-12345.api.gong.io' },
    ],
  ])('takes %s', (_, settings, expected) => {
    expect(parseSourceConfig({ ...least, ...settings }, now)).toMatchObject(expected);
  });

  it('reads a kit with all its members', () => {
    const kit = {
      code: '6AD3F0B6',
      name: 'SPICED',
      version_id: '3c1f8a52',
      from: '2026-02-01',
      min_duration_seconds: 60,
      input: 'turns',
    };
    expect(parseSourceConfig({ ...least, kits: [kit] }, now).kits).toEqual([
      { ...kit, from: '2026-02-01T00:00:00.000Z' },
    ]);
  });
});

describe('a configuration that is wrong', () => {
  it.each<[string, JsonObject, string]>([
    ['an unknown key', { gong_base_uri: 'x' }, 'gong_base_uri is not a known setting. Did you mean "gong_base_url"?'],
    [
      'an unknown key in a kit',
      { kits: [{ code: 'A1B2C3D4', verison: 'v' }] },
      'kits[0].verison is not a known setting. Did you mean "version_id"?',
    ],
    ['a key nothing is like', { qqqqqqqq: 1 }, 'qqqqqqqq is not a known setting.'],
    ['a wrong type', { lookback_hours: 'soon' }, 'lookback_hours must be a number'],
    ['half a run', { max_runs_per_sync: 1.5 }, 'max_runs_per_sync must be a whole number'],
    ['a negative number', { sweep_days: -1 }, 'sweep_days must be at least 0'],
    ['no requests at all', { gong_requests_per_second: 0 }, 'gong_requests_per_second must be more than 0'],
    ['a text that is no JSON', { kits: 'A1B2C3D4' }, 'kits is not JSON: write it as […]'],
    ['an empty text', { workspace_label: '' }, 'workspace_label is empty'],
    ['an empty text inside a list', { workspace_ids: [''] }, 'workspace_ids[0] is empty'],
    ['an id as a number', { workspace_ids: [5] }, 'workspace_ids[0] must be a text (in quotes)'],
    [
      'a choice there is not',
      { private_calls: 'some' },
      'private_calls must be one of "exclude", "metadata_only", "include"',
    ],
    ['a key with a blank inside', { gong_access_key: 'A K' }, 'gong_access_key holds white space'],
    ['a key of nothing but a line feed', { semarize_api_key: '\n' }, 'semarize_api_key holds white space'],
    ['a kit code in small letters', { kits: [{ code: 'a1b2c3d4' }] }, 'kits[0].code must be 8 characters'],
    [
      'the same kit twice',
      { kits: [{ code: 'A1B2C3D4' }, { code: 'A1B2C3D4' }] },
      'kits[1] has the same code and version_id',
    ],
    ['a start in the future', { start_date: '2026-03-02' }, 'start_date is in the future'],
    ['an end before the start', { end_date: '2025-12-31' }, 'end_date must be after start_date'],
    ['a day that is not', { start_date: '2026-02-30' }, 'start_date must be a day'],
    ['an instant without zone', { start_date: '2026-01-01T00:00:00' }, 'start_date must be a day'],
  ])('tells of %s', (_, settings, text) => {
    expect(problemsOf({ ...least, ...settings })).toContain(text);
  });

  it.each(['1970-01-01', '2026-03-01'])('takes a start on %s', (start_date) => {
    expect(problemsOf({ ...least, start_date })).toBe('none');
  });

  it.each([null, undefined, [], 'text', 5])('refuses %j as a whole', (value) => {
    expect(problemsOf(value)).toBe('Configuration: must be a group of settings (key: value).');
  });

  it('tells of every problem at once', () => {
    const message = problemsOf({
      start_date: 'x',
      kits: [{ code: 1 }],
      lookback_hours: [],
      gong_base_url: 'ftp://api.gong.io',
      nonsense: 1,
    });
    expect(message.split('\n')).toHaveLength(8);
    for (const path of [
      'gong_access_key ',
      'gong_access_key_secret ',
      'start_date ',
      'kits[0].code ',
      'lookback_hours ',
      'gong_base_url ',
      'nonsense ',
    ])
      expect(message).toContain(`- ${path}`);
  });

  it('takes the same kit in two versions', () => {
    expect(problemsOf({ ...least, kits: [{ code: 'A1B2C3D4' }, { code: 'A1B2C3D4', version_id: 'v2' }] })).toBe('none');
  });

  it('never shows a value, whatever is wrong with it', () => {
    const canary = 'CANARY';
    const value = fc.oneof(
      fc.constantFrom(
        canary,
        `${canary} x`,
        `${canary}\n`,
        `https://${canary}@api.gong.io`,
        `http://${canary}/`,
        `[${canary}`,
        `["${canary}"]`,
        `{"a":"${canary}"}`,
      ),
      fc.array(fc.constantFrom<JsonValue>(canary, '', null, 5, { code: canary, from: canary, name: [canary] })),
      fc.record({ code: fc.constant(canary), other: fc.constant(canary) }),
    );
    const names = Object.keys(sourceConfigSchema.shape);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1 }), (settings) => {
        expect(problemsOf({ ...settings, start_date: `${canary}` })).not.toMatch(/canary/i);
      }),
      { numRuns: 500 },
    );
  });

  it('answers any JSON with a configuration or with a list of problems', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...Object.keys(sourceConfigSchema.shape))), fc.jsonValue()),
        (settings) => {
          problemsOf(settings);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('base URLs (C7)', () => {
  const loopback = { allowed_hosts: ['127.0.0.1:8700', 'localhost', '[::1]:1', 'proxy.example.com'] };
  it.each([
    'https://api.gong.io',
    'https://us-12345.api.gong.io',
    'https://api.gong.io:443',
    'http://127.0.0.1:8700',
    'http://localhost:9999',
    'http://[::1]:1',
    'https://proxy.example.com',
    'https://proxy.example.com:8443/',
  ])('takes %s', (gong_base_url) => {
    expect(problemsOf({ ...least, ...loopback, gong_base_url })).toBe('none');
  });

  it.each([
    ['http://api.gong.io', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['http://169.254.169.254', 'must begin with https://'],
    ['https://169.254.169.254', 'must be at api.gong.io or a host under it'],
    ['https://localhost.evil.example', 'must be at'],
    ['https://api.gong.io.evil.example', 'must be at'],
    ['https://evilapi.gong.io', 'must be at'],
    ['https://gong.io', 'must be at'],
    ['https://api.g\u043eng.io', 'must be at'],
    ['https://api.gong.io:8443', 'must be at'],
    ['https://user:pass@api.gong.io', 'may not hold a user'],
    ['https://api.gong.io@evil.example', 'may not hold a user'],
    ['https://api.gong.io/v2', 'must end after the host'],
    ['https://api.gong.io?x=1', 'must end after the host'],
    ['http://127.0.0.1:8701', 'must begin with https://'],
    ['http://127.0.0.2', 'must begin with https://'],
    ['http://proxy.example.com', 'must begin with https://'],
    ['api.gong.io', 'must be a URL'],
  ])('refuses %s', (gong_base_url, text) => {
    expect(problemsOf({ ...least, ...loopback, gong_base_url })).toContain(`gong_base_url ${text}`);
  });

  it('gives Semarize’s key to Semarize only', () => {
    expect(problemsOf({ ...least, semarize_base_url: 'https://api.gong.io' })).toContain(
      'semarize_base_url must be at api.semarize.com',
    );
    expect(problemsOf({ ...least, gong_base_url: 'https://api.semarize.com' })).toContain(
      'gong_base_url must be at api.gong.io',
    );
  });
});

describe('spec.json', () => {
  const spec = sourceSpec();
  const form = spec['connectionSpecification'] as JsonObject;

  /** Every property of every object in the form, with its path. */
  function* properties(schema: JsonValue | undefined, path = ''): Generator<[string, JsonObject, JsonObject[]]> {
    if (!isJsonObject(schema)) return;
    const members = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const siblings = Object.values(members).filter(isJsonObject);
    for (const [name, member] of Object.entries(members)) {
      if (!isJsonObject(member)) continue;
      yield [`${path}${name}`, member, siblings];
      yield* properties(member['items'], `${path}${name}[].`);
    }
  }

  it('gives every property a title, a description and an order of its own', () => {
    for (const [path, property, siblings] of properties(form)) {
      expect(property['title'], path).toEqual(expect.any(String));
      expect(property['description'], path).toEqual(expect.any(String));
      expect(
        siblings.filter(({ order }) => order === property['order']),
        path,
      ).toHaveLength(1);
    }
  });

  it('marks the secrets, and nothing else, as secret', () => {
    const secrets = [...properties(form)]
      .filter(([, property]) => property['airbyte_secret'] === true)
      .map(([path]) => path);
    expect(secrets.sort()).toEqual(['gong_access_key', 'gong_access_key_secret', 'semarize_api_key']);
  });

  it('uses no keyword that hosts refuse', () => {
    const forbidden =
      /"(\$ref|not|anyOf|allOf|oneOf|patternProperties|prefixItems|if|then|else|dependent\w*)":|"additionalProperties":false/;
    expect(JSON.stringify(spec)).not.toMatch(forbidden);
    expect(spec).not.toHaveProperty('protocol_version');
  });

  it('prints defaults and examples that the schema itself takes', () => {
    let shown = 0;
    for (const [path, property] of properties(form)) {
      const examples = Array.isArray(property['examples']) ? property['examples'] : [];
      for (const value of [...examples, ...(property['default'] === undefined ? [] : [property['default']])]) {
        if (path.includes('[]')) continue;
        shown++;
        expect(problemsOf({ ...least, allowed_hosts: [], start_date: '2025-12-31', [path]: value }), path).toBe('none');
      }
    }
    expect(shown).toBeGreaterThan(15);
  });

  it('requires what the parser requires', () => {
    expect(form['required']).toEqual(['gong_access_key', 'gong_access_key_secret', 'start_date']);
  });
});
