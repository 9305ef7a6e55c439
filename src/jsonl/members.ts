// Where the members of one object stand in a line, for changing a line without writing the rest of it anew.

import { maxDepth } from './scan.ts';
import { closeBrace, createWalker, skipBlanks } from './walk.ts';

export interface MemberRange {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export interface ObjectRange {
  readonly members: readonly MemberRange[];
  /** Index of the closing brace. */
  readonly close: number;
}

/**
 * @param line one that the scanner found to be JSON
 * @param start index of an opening brace in it
 */
export function findMembers(line: Buffer, start: number): ObjectRange {
  const walker = createWalker(maxDepth, []);
  const members: MemberRange[] = [];
  let at = skipBlanks(line, start + 1);
  while (line[at] !== closeBrace) {
    const keyEnd = walker.skipString(line, at + 1);
    const key = JSON.parse(line.toString('utf8', at, keyEnd)) as string;
    // Behind the key stands a colon, behind the value a comma or the closing brace.
    const valueStart = skipBlanks(line, skipBlanks(line, keyEnd) + 1);
    const valueEnd = walker.skipValue(line, valueStart, 0, false);
    members.push({ key, start: valueStart, end: valueEnd });
    at = skipBlanks(line, valueEnd);
    if (line[at] !== closeBrace) at = skipBlanks(line, at + 1);
  }
  return { members, close: at };
}

/** `line` with the member `key` of the object at `path` set to the JSON text `value`; every other byte stays. */
export function setMember(line: Buffer, path: readonly string[], key: string, value: string): Buffer {
  let object = findMembers(line, skipBlanks(line, 0));
  for (const step of path) {
    const member = object.members.findLast((candidate) => candidate.key === step);
    if (!member) throw new Error(`no member "${step}"`);
    object = findMembers(line, member.start);
  }
  // Of two members with one name the last counts.
  const present = object.members.findLast((candidate) => candidate.key === key);
  if (present) return splice(line, present.start, present.end, value);
  const separator = object.members.length > 0 ? ',' : '';
  return splice(line, object.close, object.close, `${separator}${JSON.stringify(key)}:${value}`);
}

function splice(line: Buffer, start: number, end: number, text: string): Buffer {
  return Buffer.concat([line.subarray(0, start), Buffer.from(text), line.subarray(end)]);
}

/** The JSON text of the member `key` of the object that `line` is, as it stands there; undefined when there is none. */
export function readMember(line: Buffer, key: string): Buffer | undefined {
  const { members } = findMembers(line, skipBlanks(line, 0));
  const member = members.findLast((candidate) => candidate.key === key);
  return member && line.subarray(member.start, member.end);
}
