// What may be shown of a secret.
import { expect, it } from 'vitest';
import { secretText } from '../../src/settings/secrets.ts';

it.each([
  [undefined, 'not set'],
  [null, 'not set'],
  ['', 'set'],
  ['abcdefgha91f', 'set'],
  ['abcdefghia91f', 'set (…a91f)'],
  ['abcdefghia91f\r\n', 'set (…a91f)'],
  ['abcdefgha91f   \n', 'set'],
  [1234567890123456, 'set'],
])('%j is shown as %s: the last four characters only where many are left', (secret, text) => {
  expect(secretText(secret)).toBe(text);
});
