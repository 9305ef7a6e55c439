import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInstant, toIsoInstant } from '../../src/gong/instants.ts';

test.each([
  ['2026-08-28T08:00:00-07:00', '2026-08-28T15:00:00.000Z'],
  ['2019-10-18T14:03:37.041977-07:00', '2019-10-18T21:03:37.041Z'],
  ['2026-06-10T21:50:07.428+02:00', '2026-06-10T19:50:07.428Z'],
  ['2026-06-10T21:50:07Z', '2026-06-10T21:50:07.000Z'],
  ['2026-06-10T21:50:07', '2026-06-10T21:50:07.000Z'],
  ['2026-06-10 21:50:07', '2026-06-10T21:50:07.000Z'],
  ['2026-06-10T21:50:07.000+0200', '2026-06-10T19:50:07.000Z'],
  ['2026-06-10T21:50:07-03', '2026-06-11T00:50:07.000Z'],
  ['2026-06-10t21:50z', '2026-06-10T21:50:00.000Z'],
  ['2026-06-10', '2026-06-10T00:00:00.000Z'],
  ['2026-02-30T10:00:00Z', null],
  ['2026-06-10T25:00:00Z', null],
  ['2026-06-10T21:50:07+99:00', null],
  ['2026-06-10 by noon', null],
  ['9999-12-31T23:59:59-12:00', null],
  ['0000-06-10T00:00:00Z', null],
  ['yesterday', null],
  ['', null],
  ['1571424217', null],
])('T4 %s is %s', (text, expected) => {
  expect(toIsoInstant(text)).toBe(expected);
});

test('T4 a time without a zone is UTC, whatever zone this machine is in', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/New_York';
  try {
    for (const text of ['2026-06-10T21:50:07', '2026-06-10 21:50:07', '2026-06-10T21:50'])
      expect(toIsoInstant(text)?.slice(0, 16)).toBe('2026-06-10T21:50');
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('T4 whatever the offset, the instant is the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.integer({ min: -14 * 60, max: 14 * 60 }),
      (ms, offset) => {
        const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
        const sign = offset < 0 ? '-' : '+';
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        expect(
          parseInstant(`${local}${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`),
        ).toBe(ms);
      },
    ),
  );
});
