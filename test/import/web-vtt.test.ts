import { describe, expect, test } from 'vitest';
import { parseWebVtt, VttProblem } from '../../src/import/web-vtt.ts';

const said = (text: string) => parseWebVtt(text).map(({ speaker, text: words }) => [speaker, words]);
const cue = (words: string) => `00:00:01.000 --> 00:00:02.000\n${words}\n\n`;

describe('parseWebVtt', () => {
  test('reads what Zoom writes: numbers, names before a colon, a byte order mark, CRLF', () => {
    const text =
      '\uFEFFWEBVTT\r\n\r\n1\r\n00:00:01.500 --> 00:00:04.000\r\nAnn Lee: Hello there: how are you?\r\n\r\n2\r\n01:00:04.500 --> 01:00:06.000\r\nJoe: Fine.\r\n';
    expect(parseWebVtt(text)).toEqual([
      { speaker: 'Ann Lee', start: 1500, end: 4000, text: 'Hello there: how are you?' },
      { speaker: 'Joe', start: 3_604_500, end: 3_606_000, text: 'Fine.' },
    ]);
  });

  test('reads what Teams writes: voices, no hours, settings, several voices and lines in a cue', () => {
    const text =
      'WEBVTT - title\n\nNOTE a note\nof two lines\n\nSTYLE\n::cue {}\n\nid-1/2-0\n01:00.000 --> 01:05.250 align:start line:0\n<v Bob Roe>We need &amp; want</v>\n<v.loud Cy>SSO\non <i>all</i> plans</v>\n';
    expect(parseWebVtt(text)).toEqual([
      { speaker: 'Bob Roe', start: 60_000, end: 65_250, text: 'We need & want' },
      { speaker: 'Cy', start: 60_000, end: 65_250, text: 'SSO on all plans' },
    ]);
  });

  test('takes no words for a name where most cues have none', () => {
    expect(said(`WEBVTT\n\n${cue('So: here we are')}${cue('nobody is named')}${cue('at all')}`)).toEqual([
      [null, 'So: here we are'],
      [null, 'nobody is named'],
      [null, 'at all'],
    ]);
  });

  test('turns entities into characters, once, and drops empty cues', () => {
    expect(said(`WEBVTT\n\n${cue('&lt;b&gt; &amp;lt; &#233;&nbsp;x')}${cue('<i></i>')}`)).toEqual([
      [null, '<b> &lt; é x'],
    ]);
  });

  test.each([
    ['', 'does not begin with WEBVTT'],
    ['WEBVTTX\n', 'does not begin with WEBVTT'],
    ['1\n00:00:01,000 --> 00:00:02,000\nA subtitle file', 'does not begin with WEBVTT'],
    ['WEBVTT\n\nNOTE nothing else', 'holds no words'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseWebVtt(text)).toThrow(new VttProblem(problem));
  });
});
