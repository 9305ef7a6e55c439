// Settings as hosts and environments send them; what the source's own settings show is in test/source/config.test.ts.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSettings, pathText } from '../../src/core/settings.ts';

const schema = z.strictObject({
  on: z.boolean().default(false),
  count: z.int().default(1),
  tags: z.array(z.string()).default([]),
});

describe('parseSettings', () => {
  it.each([
    [
      { on: 'true', count: '7', tags: '["a"]' },
      { on: true, count: 7, tags: ['a'] },
    ],
    [
      { on: 'false', count: ' 7 ' },
      { on: false, count: 7, tags: [] },
    ],
    [
      { on: true, count: 7, tags: ['7', 'true'] },
      { on: true, count: 7, tags: ['7', 'true'] },
    ],
    [
      { on: null, _host: 1 },
      { on: false, count: 1, tags: [] },
    ],
  ])('takes %j', (settings, expected) => {
    expect(parseSettings(schema, settings)).toEqual(expected);
  });

  it.each([
    [{ on: 'yes' }, 'on must be true or false'],
    [{ count: '7x' }, 'count must be a number'],
    [{ count: '' }, 'count is empty'],
    [{ tags: '"a"' }, 'tags is not JSON: write it as […]'],
    [JSON.parse('{"__proto__":{"on":true},"constructor":1}'), 'constructor is not a known setting.'],
  ])('refuses %j', (settings, text) => {
    expect(() => parseSettings(schema, settings)).toThrow(text);
  });

  it('adds what a check over several settings finds, to what each one shows', () => {
    const crossCheck = () => [{ path: ['tags', 0], text: 'does not go with count' }];
    expect(() => parseSettings(schema, { tags: ['a'], on: 'x' }, crossCheck)).toThrow(
      /2 problems[\s\S]*on must[\s\S]*tags\[0\] does not go/,
    );
  });
});

it('writes paths as people do', () => {
  expect(pathText(['kits', 0, 'code'])).toBe('kits[0].code');
});
