// What somebody meant who typed a name that there is not.
import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/core/nearest-name.ts';

const names = [
  'gong_base_url',
  'semarize_api_key',
  'version_id',
  'min_duration_seconds',
  'format',
  'log-format',
  'from',
  'sync',
  'sandbox',
];

describe('nearestName', () => {
  it.each([
    ['verison', 'version_id'],
    ['gongBaseUrl', 'gong_base_url'],
    ['GONG-BASE-URL', 'gong_base_url'],
    ['api_key', 'semarize_api_key'],
    ['snyc', 'sync'],
    ['form', 'format'],
    ['frm', 'from'],
    ['sanbox', 'sandbox'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestName(typed, names)).toBe(meant);
  });

  it.each(['', 'x', 'warehouse', 'transcripts', 'toString'])('guesses nothing for %j', (typed) => {
    expect(nearestName(typed, names)).toBeUndefined();
  });
});
