// Text from outside stays text in every form of the report, and what must not be printed is not. What a browser makes of the
// HTML is asked of one in test/interop/report.test.ts.
import { describe, expect, it } from 'vitest';
import { loadDraw } from '../../../src/analytics/report/charts/draw.ts';
import { renderHtml } from '../../../src/analytics/report/render/html.ts';
import { renderJson } from '../../../src/analytics/report/render/json.ts';
import { renderMarkdown } from '../../../src/analytics/report/render/markdown.ts';
import { fillHostile, hostileSettings } from './hostile-world.ts';
import { reportOf, warehouseFile } from './report-world.ts';

/** Tags and their attributes, of well-formed HTML. */
function tagsOf(html: string): { name: string; attributes: string[] }[] {
  return [...html.matchAll(/<([a-zA-Z][^\s>/]*)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*>/g)].map(
    ([, name = '', rest = '']) => ({
      name,
      attributes: [...rest.replaceAll(/"[^"]*"/g, '').matchAll(/\s([^\s=]+)/g)].map(([, attribute = '']) => attribute),
    }),
  );
}

async function makeForms() {
  const path = await warehouseFile(fillHostile, { settings: hostileSettings });
  const draw = await loadDraw();
  const report = await reportOf(path, { includeEvidence: true, names: 'all' });
  const nobody = await reportOf(path, { names: 'none' });
  return {
    html: await renderHtml(report, draw),
    markdown: renderMarkdown(report),
    json: renderJson(report),
    closed: `${await renderHtml(nobody, draw)}\n${renderJson(nobody)}\n${renderMarkdown(nobody)}`,
  };
}

describe('a report of hostile text', () => {
  let made: Promise<{ html: string; markdown: string; json: string; closed: string }> | undefined;
  /** Made in the first test: folders of the fixtures go when a test ends. */
  const forms = () => {
    made ??= makeForms();
    return made;
  };

  it('has one style, no script, and no attribute that could run or fetch', async () => {
    const { html } = await forms();
    const tags = tagsOf(html);
    expect(tags.length).toBeGreaterThan(500);
    const names = new Set(tags.map(({ name }) => name));
    for (const name of ['script', 'img', 'iframe', 'form', 'link', 'base', 'object', 'image', 'foreignObject'])
      expect(names).not.toContain(name);
    expect(tags.filter(({ name }) => name === 'style')).toHaveLength(1);
    const attributes = new Set(tags.flatMap((tag) => tag.attributes));
    expect([...attributes].filter((name) => /^on|^style$|^src|^action|^xlink/i.test(name))).toEqual([]);
  });

  it('links pages of Gong and anchors, nothing else', async () => {
    const { html } = await forms();
    const links = [...html.matchAll(/ href="([^"]*)"/g)].map(([, href = '']) => href);
    expect(links.some((href) => href.startsWith('https://app.gong.io/call?id='))).toBe(true);
    for (const href of links) expect(href).toMatch(/^(#[a-z-]+|https:\/\/app\.gong\.io\/call\?id=\d+)$/);
  });

  it('prints no e-mail address and no phone number, quotes and names of all included', async () => {
    const { html, markdown, json } = await forms();
    for (const text of [html, markdown, json]) {
      expect(text).not.toMatch(/@acme\.example/);
      expect(text).not.toContain('555');
    }
  });

  it('shows marks that turn the direction of writing', async () => {
    const { html, markdown } = await forms();
    expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(html).toContain('⟨U+202E⟩');
    expect(markdown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  });

  it('keeps Markdown from reading links and cells into text', async () => {
    const { markdown } = await forms();
    expect(markdown).not.toMatch(/(?<!\\)\]\(javascript/);
    for (const line of markdown.split('\n').filter((one) => one.startsWith('| ---')))
      expect(line).toMatch(/^(\| ---:? )+\|$|^(\| -+:? )+\|$/);
    expect(markdown).not.toMatch(/(?<!\\)<(script|img|iframe|a )/);
  });

  it('prints neither quotes nor names where they are not asked for, and not who is who', async () => {
    const { closed, json } = await forms();
    expect(json).toContain('QUOTED');
    for (const evidence of ['QUOTED', 'REASONED', 'TITLED', 'OWNED']) expect(closed).not.toContain(evidence);
    expect(closed).toMatch(/Rep \d/);
    expect(closed).toMatch(/Account \d/);
  });
});
