import { describe, expect, it } from 'vitest';
import { cutText, visibleText, withoutContacts } from '../../../src/analytics/report/text.ts';

describe('text from outside', () => {
  it('shows what cannot be seen, and keeps line feeds and tabs', () => {
    expect(visibleText('a\u202eb\u0000c\u200bd\n\te\u2066')).toBe('a⟨U+202E⟩b⟨U+0000⟩c⟨U+200B⟩d\n\te⟨U+2066⟩');
    expect(visibleText('half \ud83d pair \ud83d\ude00')).toBe('half \ufffd pair \ud83d\ude00');
  });

  it.each([
    ['write to jane.doe+x@mail.example.co.uk, please', 'write to ⟨e-mail⟩, please'],
    ['call +1 (555) 010-9999 today', 'call ⟨phone⟩ today'],
    ['call 0049 30 1234567', 'call ⟨phone⟩'],
    ['call +4915112345678.', 'call ⟨phone⟩.'],
    ['<jörg@exämple.de>', '<⟨e-mail⟩>'],
  ])('leaves ways to reach a person out of "%s"', (text, left) => {
    expect(withoutContacts(text)).toBe(left);
  });

  it.each([
    'on 2026-10-01 at 12:30',
    'call 7782342274025937895',
    '85,000 of 120,000',
    'version 4.2',
    '99.9% SLA, 500/min',
  ])('keeps "%s"', (text) => {
    expect(withoutContacts(text)).toBe(text);
  });

  it('cuts by characters, not by halves of them', () => {
    expect(cutText('😀😀😀😀', 3)).toBe('😀😀…');
    expect(cutText('abc', 3)).toBe('abc');
  });
});
