import { describe, expect, it } from 'vitest';
import { h, toHtml } from '../../../src/analytics/report/markup.ts';

describe('markup', () => {
  it('escapes text and attributes alike', () => {
    const hostile = `<script>"'&\u202e`;
    expect(toHtml(h('p', { title: hostile }, hostile))).toBe(
      '<p title="&lt;script&gt;&quot;&#39;&amp;⟨U+202E⟩">&lt;script&gt;&quot;&#39;&amp;⟨U+202E⟩</p>',
    );
  });

  it.each(['script', 'style', 'iframe', 'img', 'foreignObject', 'a b', 'p><script'])(
    'refuses the element %s',
    (name) => {
      expect(() => h(name)).toThrow(RangeError);
    },
  );

  it.each(['onclick', 'style', 'src', 'xlink:href', 'srcdoc', 'a b', 'x>'])('refuses the attribute %s', (name) => {
    expect(() => h('p', { [name]: 'x' })).toThrow(RangeError);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'http://app.gong.io/call'])(
    'refuses the link %s',
    (href) => {
      expect(() => h('a', { href }, 'x')).toThrow(RangeError);
    },
  );

  it('prints no text for false and undefined, and closes no void element', () => {
    expect(toHtml([false, undefined, 0, h('br')])).toBe('0<br>');
  });
});
