import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMembers, setMember } from '../../src/jsonl/members.ts';
import { dataText } from './json-text.ts';

describe('members of an object in a line', () => {
  it('are found with the bytes of their values', () => {
    const line = Buffer.from('{ "a" : [1,{"b":2}] ,"\\u0062":"x","é":null}');
    const { members, close } = findMembers(line, 0);
    expect(members.map(({ key, start, end }) => [key, line.toString('utf8', start, end)])).toEqual([
      ['a', '[1,{"b":2}]'],
      ['b', '"x"'],
      ['é', 'null'],
    ]);
    expect(close).toBe(line.length - 1);
  });

  it('are the ones JSON.parse sees', () => {
    fc.assert(
      fc.property(dataText, (text) => {
        const line = Buffer.from(text);
        const found = findMembers(line, 0).members.map(({ key, start, end }) => [
          key,
          JSON.parse(line.toString('utf8', start, end)),
        ]);
        expect(Object.fromEntries(found)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('setting a member', () => {
  it.each([
    ['{"s":{}}', '{"s":{"n":1}}'],
    ['{"s":{ "a" : 2 } , "x":3}', '{"s":{ "a" : 2 ,"n":1} , "x":3}'],
    ['{"s":{"n":null,"a":2}}', '{"s":{"n":1,"a":2}}'],
    ['{"s":{"n":{"old":true}}}', '{"s":{"n":1}}'],
    ['{"s":0,"s":{"n":5,"n":6}}', '{"s":0,"s":{"n":5,"n":1}}'],
    ['{"n":0,"s":{"t":{"n":2}}}', '{"n":0,"s":{"t":{"n":2},"n":1}}'],
    ['{"s":{"big":12345678901234567890,"t":"}\\""}}', '{"s":{"big":12345678901234567890,"t":"}\\"","n":1}}'],
  ])('in %s changes nothing else', (before, after) => {
    expect(setMember(Buffer.from(before), ['s'], 'n', '1').toString()).toBe(after);
  });
});
