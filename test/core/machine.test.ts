// What became of a process, as another one can tell from what was written down.
import { expect, test } from 'vitest';
import { fateOf, type ProcessIdentity, type ProcessMark } from '../../src/core/machine.ts';

const running = new Map([
  [7, '700'],
  [8, ''],
]);

const own: ProcessIdentity = {
  pid: 1,
  host: 'here',
  bootId: 'b1',
  pidNamespace: 'n1',
  startTime: '100',
  startTimeOf: async (pid) => running.get(pid),
};
const written = { pid: 7, host: 'here', bootId: 'b1', pidNamespace: 'n1', startTime: '700' };

test.each<[string, string, Partial<ProcessMark>, Partial<ProcessIdentity>]>([
  ['its start time is that of the process with its number', 'lives', {}, {}],
  ['no process has its number', 'gone', { pid: 9 }, {}],
  ['its number belongs to a process that started later', 'gone', { startTime: '699' }, {}],
  ['the start of the process with its number cannot be read', 'unknown', { pid: 8 }, {}],
  ['its own start time was not known', 'unknown', { startTime: '' }, {}],
  ['no start time is known on either side', 'lives', { pid: 8, startTime: '' }, {}],
  ['its host is another', 'unknown', { host: 'there' }, {}],
  ['its host is another, whatever else differs', 'unknown', { host: 'there', bootId: 'b2', pid: 9 }, {}],
  ['its namespace is another', 'unknown', { pidNamespace: 'n2', pid: 9 }, {}],
  ['its namespace is another, and the start of the machine too', 'unknown', { pidNamespace: 'n2', bootId: 'b2' }, {}],
  ['its namespace is not known', 'unknown', { pidNamespace: '' }, {}],
  ['our namespace is not known', 'unknown', {}, { pidNamespace: '' }],
  ['no namespace is known on either side', 'lives', { pidNamespace: '' }, { pidNamespace: '' }],
  ['0.1.0 wrote it down, and it lives', 'lives', { pidNamespace: undefined }, {}],
  ['0.1.0 wrote it down, and it is gone', 'gone', { pidNamespace: undefined, pid: 9 }, {}],
  ['the machine was started anew since', 'gone', { bootId: 'b2' }, {}],
  ['the start of the machine was not known', 'unknown', { bootId: '' }, {}],
  ['we do not know the start of the machine', 'unknown', {}, { bootId: '' }],
])('when %s: %s', async (_, fate, mark, changes) => {
  expect(await fateOf({ ...written, ...mark }, { ...own, ...changes })).toBe(fate);
});
