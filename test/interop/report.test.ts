// The report in a real browser: nothing runs, nothing leaves the page, nothing is cut off, and axe-core finds nothing.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDraw } from '../../src/analytics/report/charts/draw.ts';
import { renderHtml } from '../../src/analytics/report/render/html.ts';
import { fillHostile, hostileSettings } from '../analytics/report/hostile-world.ts';
import { fillGuide, guideSettings, reportOf, warehouseFile } from '../analytics/report/report-world.ts';
import { evaluate, load, openPage, type Page } from './chromium.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let page: Page;
let folder: string;
beforeAll(async () => {
  page = await openPage();
  folder = mkdtempSync(join(tmpdir(), 'gong-elt-report-'));
});
afterAll(async () => {
  await page.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns the address of the report's file */
async function written(name: string, html: string): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, html);
  return pathToFileURL(path).href;
}

async function violations(): Promise<unknown> {
  await evaluate(page, axe);
  return await evaluate(
    page,
    `axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations.map(({id, nodes}) => id + ': ' + nodes.slice(0, 3).map(({html}) => html.slice(0, 160)).join(' | ')))`,
  );
}

describe('the report in Chromium', () => {
  it('lets no hostile text run, ask, change the page or leave it', async () => {
    const path = await warehouseFile(fillHostile, { settings: hostileSettings });
    const report = await reportOf(path, { includeEvidence: true, names: 'all' });
    const url = await written('hostile.html', await renderHtml(report, await loadDraw()));
    const before = page.events.length;
    await load(page, url);
    const seen = page.events.slice(before);
    const requests = seen.filter(({ method }) => method === 'Network.requestWillBeSent');
    expect(requests.map(({ params }) => (params['request'] as { url: string }).url)).toEqual([url]);
    expect(seen.filter(({ method }) => method === 'Page.javascriptDialogOpening')).toEqual([]);
    expect(
      seen.filter(({ method }) =>
        /Log.entryAdded|Runtime.consoleAPICalled|Runtime.exceptionThrown|Audits.issueAdded/.test(method),
      ),
    ).toEqual([]);
    expect(await evaluate(page, 'document.title')).toBe('Calls and outcomes');
    expect(await evaluate(page, `document.querySelectorAll('script, img, iframe, form, object, [style]').length`)).toBe(
      0,
    );
    // The policy holds: a style that is not ours does not apply.
    expect(
      await evaluate(
        page,
        `(() => { const s = document.createElement('style'); s.textContent = 'body { opacity: 0.5 }'; document.head.append(s); return getComputedStyle(document.body).opacity; })()`,
      ),
    ).toBe('1');
  });

  it.each([
    [390, 'light'],
    [820, 'dark'],
    [1440, 'light'],
    [320, 'light'],
  ])('fits %i pixels, %s, and axe-core finds nothing', async (width, scheme) => {
    const path = await warehouseFile(fillGuide(200), { settings: guideSettings });
    const url = await written(`guide-${width}.html`, await renderHtml(await reportOf(path), await loadDraw()));
    await page.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await load(page, url);
    expect(await evaluate(page, 'document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await violations()).toEqual([]);
  });

  it('is read out in order: one first heading, each page a region with its name', async () => {
    const path = await warehouseFile(fillGuide(60), { settings: guideSettings });
    const url = await written('tree.html', await renderHtml(await reportOf(path), await loadDraw()));
    await load(page, url);
    const { nodes } = (await page.send('Accessibility.getFullAXTree')) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const headings = nodes
      .filter(({ ignored, role }) => !ignored && role?.value === 'heading')
      .map(({ name }) => name?.value.replaceAll('\u202f', ' '));
    expect(headings.slice(0, 4)).toEqual(['Calls and outcomes', 'Answers', '1 Deals', '2 What goes with winning']);
    const pictures = nodes.filter(({ ignored, role }) => !ignored && /^(img|image)$/.test(role?.value ?? ''));
    expect(pictures.length).toBeGreaterThan(3);
    for (const { name } of pictures) expect(name?.value).toMatch(/\w+.*\./);
  });
});
