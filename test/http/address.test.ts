import { expect, test } from 'vitest';
import { isInsideAddress, lookupOutside } from '../../src/http/address.ts';

test.each([
  '127.0.0.1',
  '127.255.1.2',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
])('%s is inside', (address) => {
  expect(isInsideAddress(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '192.169.0.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])(
  '%s is outside',
  (address) => {
    expect(isInsideAddress(address)).toBe(false);
  },
);

test('C7 a name that resolves to this machine is refused at connect time', async () => {
  const error = await new Promise((resolve) =>
    lookupOutside('localhost', { all: true }, (problem) => resolve(problem)),
  );
  expect(error).toMatchObject({ code: 'EINSIDE' });
});
