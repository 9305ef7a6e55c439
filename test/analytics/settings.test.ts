import { describe, expect, test } from 'vitest';
import { parseAnalyticsSettings } from '../../src/analytics/settings.ts';
import { toSettingsRows } from '../../src/analytics/settings-rows.ts';
import { ConnectorError } from '../../src/core/errors.ts';

function mistakesOf(value: unknown): string {
  try {
    parseAnalyticsSettings(value);
  } catch (error) {
    if (error instanceof ConnectorError && error.area === 'config') return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

const rowsOf = (value?: unknown) => toSettingsRows(parseAnalyticsSettings(value));
const bricksOf = (value?: unknown) => new Map(rowsOf(value)['cfg_bricks']?.map((row) => [`${row[0]}.${row[1]}`, row]));

describe('analytics settings', () => {
  test('may be absent: the known bricks and stages are there, and renewals and foreign runs stay out', () => {
    const rows = rowsOf(undefined);
    expect(rows['cfg_settings']).toEqual([
      ['new_business_only', 'true'],
      ['not_new_business', '["renew","expan","upsell","up-sell","cross","existing","add-on"]'],
      ['include_collected', 'false'],
    ]);
    expect(rows['cfg_stages']?.map(([stage]) => stage)).toEqual([
      'Closed Won',
      'Closed Lost',
      'closedwon',
      'closedlost',
    ]);
    expect(bricksOf().get('*.overall_score')).toEqual([
      '*',
      'overall_score',
      'score',
      null,
      null,
      1,
      1,
      false,
      null,
      null,
      null,
    ]);
    expect(bricksOf().get('*.risk_flag')?.slice(2, 6)).toEqual(['risk_flag', null, null, -1]);
    expect(bricksOf().size).toBe(14);
    expect(rowsOf(null)).toEqual(rows);
  });

  test('keep what is known of a brick where a row leaves it open', () => {
    const bricks = bricksOf({
      bricks: [
        { brick_key: 'overall_score', value_min: 0, value_max: 5 },
        { kit_code: 'K', brick_key: 'overall_score', label: 'Total' },
        { kit_code: 'K', brick_key: 'risk_flag', direction: 1 },
        { brick_key: 'budget', role: 'signal', in_deal_score: true, weight: 2 },
      ],
    });
    expect(bricks.get('*.overall_score')).toEqual(['*', 'overall_score', 'score', null, null, 1, 1, false, 0, 5, null]);
    expect(bricks.get('K.overall_score')).toEqual([
      'K',
      'overall_score',
      'score',
      'Total',
      null,
      1,
      1,
      false,
      0,
      5,
      null,
    ]);
    expect(bricks.get('K.risk_flag')?.slice(2, 6)).toEqual(['risk_flag', null, null, 1]);
    expect(bricks.get('*.budget')).toEqual(['*', 'budget', 'signal', null, null, 1, 2, true, null, null, null]);
  });

  test('put the given stages beside or over the known ones', () => {
    const stages = rowsOf({
      stages: [
        { stage: 'Verloren', is_closed: true, is_won: false },
        { stage: 'Closed Won', is_closed: false, is_won: false },
      ],
    })['cfg_stages'];
    expect(stages).toContainEqual(['Verloren', null, true, false]);
    expect(stages?.filter(([stage]) => stage === 'Closed Won')).toEqual([['Closed Won', null, false, false]]);
  });

  test('list every mistake with its path and no value', () => {
    const text = mistakesOf({
      kits: [{ code: '*' }, { code: 'A', win_treshold: 61 }, { code: 'A', win_threshold: 'canary-value' }],
      bricks: [
        { brick_key: 'x', role: 'canary-role' },
        { brick_key: 'y', value_min: 1 },
        { brick_key: 'z', value_min: 5, value_max: 1 },
        { role: 'score' },
        { brick_key: 'w', direction: 2, weight: 0 },
      ],
      stages: [{ stage: 'Won', is_closed: false, is_won: true }],
      people: [
        { email: 'Canary@example.com', team: 'EMEA' },
        { email: 'canary@example.com', team: 'EMEA' },
      ],
      settings: { as_of: 'canary-day' },
      stage: [],
    });
    for (const path of [
      'kits[0].code',
      'kits[1].win_treshold',
      'kits[2].win_threshold',
      'bricks[0].role',
      'bricks[1]',
      'bricks[2]',
      'bricks[3].brick_key',
      'bricks[4].direction',
      'bricks[4].weight',
      'stages[0]',
      'settings.as_of',
      'stage',
    ])
      expect(text).toContain(`- ${path} `);
    expect(text).toMatch(/win_treshold.*win_threshold/);
    // An unknown role is answered with the known ones.
    expect(text).toMatch(/bricks\[0\]\.role must be one of "score", "signal".*"drift_severity"/);
    expect(text).not.toMatch(/canary/i);
  });

  test('refuse two rows of one key, whatever the case of an e-mail address', () => {
    const people = [{ email: 'A@x.org' }, { email: 'a@X.org' }];
    expect(mistakesOf({ people })).toContain('people[1] has the same key as an earlier row');
    expect(mistakesOf({ kits: [{ code: 'A' }, { code: 'A' }] })).toContain('kits[1] has the same key');
    // The same brick of another kit is another row.
    const bricks = [{ brick_key: 'x' }, { kit_code: 'A', brick_key: 'x' }];
    expect(parseAnalyticsSettings({ bricks }).bricks).toHaveLength(2);
  });

  test('give kits their place in the file', () => {
    const kits = [{ code: 'Z', label: 'Last', win_threshold: 61.5 }, { code: 'A' }];
    expect(rowsOf({ kits })['cfg_kits']).toEqual([
      ['Z', 1, 'Last', null, null, null, 61.5, null],
      ['A', 2, null, null, null, null, null, null],
    ]);
  });
});
