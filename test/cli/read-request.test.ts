// What flags of sync and plan ask for.
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../src/cli/read-request.ts';
import { ConnectorError } from '../../src/core/errors.ts';

const now = Date.parse('2026-03-10T12:00:00Z');
const kits = [
  { code: 'A1B2C3D4', name: 'MEDDICC', version_id: 'v1', min_duration_seconds: 300, input: 'turns' as const },
  { code: '6AD3F0B6', min_duration_seconds: 0, input: 'text' as const },
];
const parse = (flags: Record<string, unknown>) => parseRequest(flags, kits, now);

describe('a request', () => {
  it('asks for nothing beyond the settings without flags', () => {
    expect(parse({})).toEqual({
      range: undefined,
      limit: undefined,
      maxRuns: undefined,
      streams: undefined,
      kits: undefined,
    });
  });

  it.each([
    ['2026-03-01', '2026-03-01T00:00:00Z'],
    ['2026-03-01T08:30:00+02:00', '2026-03-01T06:30:00Z'],
    ['7d', '2026-03-03T12:00:00Z'],
  ])('reads --from %s', (from, instant) => {
    expect(parse({ from }).range).toEqual({ from: Date.parse(instant), until: undefined });
  });

  it('keeps what the settings say of a kit that a flag names', () => {
    expect(parse({ kit: ['A1B2C3D4'] }).kits).toEqual([kits[0]]);
    expect(parse({ kit: ['A1B2C3D4@v1', '6AD3F0B6'] }).kits).toEqual(kits);
    expect(parse({ kit: ['A1B2C3D4@v2'] }).kits).toEqual([{ ...kits[0], version_id: 'v2' }]);
    expect(parse({ kit: ['PK42DOCS'] }).kits).toEqual([{ code: 'PK42DOCS', min_duration_seconds: 0, input: 'text' }]);
  });

  it('takes streams and limits', () => {
    expect(parse({ streams: 'calls, transcripts', 'max-runs': 0, limit: 20 })).toMatchObject({
      streams: ['calls', 'transcripts'],
      maxRuns: 0,
      limit: 20,
    });
  });

  it.each([
    [{ from: 'yesterday' }, '--from must be a day'],
    [{ until: '2026-03-01T08:30:00' }, '--until must be a day'],
    [{ from: '2026-03-02', until: '2026-03-02' }, '--until must be after --from'],
    [{ limit: 0 }, '--limit must be a whole number, at least 1'],
    [{ 'max-runs': Number.NaN }, '--max-runs must be a whole number, at least 0'],
    [{ streams: 'call' }, 'There is no stream "call". Did you mean "calls"?'],
    [{ kit: ['meddicc'] }, '--kit must be CODE or CODE@VERSION'],
    [{ kit: ['A1B2C3D4@'] }, '--kit must be CODE or CODE@VERSION'],
  ])('refuses %j', (flags, text) => {
    expect(() => parse(flags)).toThrow(ConnectorError);
    expect(() => parse(flags)).toThrow(text);
  });
});
