// No known secret leaves, in whatever form it is written; and what looks like one does not either.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/process/redaction.ts';

const secret = 'c4n4ry/Sécret+"key\\=>>>???~~~9';

/** The forms a secret has on the wire and in logs. */
const forms: readonly [string, (text: string) => string][] = [
  ['in clear', (text) => text],
  ['in JSON', (text) => JSON.stringify({ text })],
  ['in a URL', encodeURIComponent],
  ['in hex', (text) => Buffer.from(text).toString('hex')],
  ['in Base64', (text) => Buffer.from(text).toString('base64')],
  ['in Base64 for URLs', (text) => Buffer.from(text).toString('base64url')],
];

describe('redaction by value', () => {
  it.each(forms)('takes a secret out %s', (_, form) => {
    const redactor = createRedactor();
    redactor.learn(secret);
    const text = redactor.redact(`before ${form(secret)} after`);
    expect(text).toMatch(/^before .*\[redacted\].* after$/);
    expect(text).not.toContain(form(secret));
  });

  it('takes both parts of Basic credentials out of their Base64, without the word Basic before it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 40 }),
        fc.string({ minLength: 8, maxLength: 40 }),
        (key, keySecret) => {
          const redactor = createRedactor();
          redactor.learn(key);
          redactor.learn(keySecret);
          const text = redactor.redact(`sent ${Buffer.from(`${key}:${keySecret}`).toString('base64')}.`);
          const left = text.replaceAll('[redacted]', '').replace(/^sent |\.$/g, '');
          // What may remain are the characters that a secret shares with its neighbours.
          expect(left.length).toBeLessThanOrEqual(8);
        },
      ),
    );
  });

  it('takes any secret out of any text, in every form', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (value, before, after) => {
        const redactor = createRedactor();
        redactor.learn(value);
        for (const [, form] of forms.slice(0, 1))
          expect(redactor.redact(before + form(value) + after)).toContain('[redacted]');
      }),
    );
  });

  it('takes the longer of two secrets out whole when one is inside the other', () => {
    const redactor = createRedactor();
    redactor.learn('abcdefgh');
    redactor.learn('abcdefgh-and-more');
    expect(redactor.redact('x abcdefgh-and-more y')).toBe('x [redacted] y');
  });

  it.each(forms)('learns secrets of six characters and no shorter ones: %s', (_, form) => {
    for (const [value, isSecret] of [
      ['', false],
      ['q', false],
      ['q7x.Z', false],
      ['q7x.Zk', true],
      ['q7x.Zké', true],
    ] as const) {
      const redactor = createRedactor();
      redactor.learn(value);
      const text = `before ${form(value)} after`;
      expect(redactor.redact(text) !== text, value).toBe(isSecret);
      expect(redactor.redact(text).includes(form(value)), value).toBe(!isSecret);
    }
  });

  it('forgets nothing when it is given a text that is too short', () => {
    const redactor = createRedactor();
    redactor.learn('q7x.Zk');
    redactor.learn('abc');
    expect(redactor.redact('abc q7x.Zk abc')).toBe('abc [redacted] abc');
  });

  it('leaves other text alone, and does not take short words for secrets', () => {
    const redactor = createRedactor();
    redactor.learn('AK');
    redactor.learn(secret);
    expect(redactor.redact('AKA 418 calls, 12 pending (call 7782342274025937895)')).toBe(
      'AKA 418 calls, 12 pending (call 7782342274025937895)',
    );
  });
});

describe('redaction by what stands around', () => {
  it.each([
    ['authorization: Basic QUs6U0s0MjQy', 'QUs6U0s0MjQy'],
    ['authorization: Bearer smz_live_0123456789abcdef', '0123456789abcdef'],
    ['key smz_test_0123456789abcdef in use', '0123456789abcdef'],
    ['via http://user:hunter22@proxy:3128', 'hunter22'],
    ['{"gong_access_key_secret":"hunter22222"}', 'hunter22222'],
    ['SEMARIZE_API_KEY=hunter22222', 'hunter22222'],
    ["password: 'hunter22222'", 'hunter22222'],
  ])('takes the secret out of: %s', (text, unknown) => {
    expect(createRedactor().redact(text)).not.toContain(unknown);
  });

  it('leaves our own sentences about settings alone', () => {
    const text =
      'gong_access_key is required\n- gong_access_key_secret holds white space → set GONG_ACCESS_KEY in .env';
    expect(createRedactor().redact(text)).toBe(text);
  });
});
