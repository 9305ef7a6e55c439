// What the report says of each state of the data. The state comes from the marts; the words must not say more than it allows.
import { describe, expect, it } from 'vitest';
import { loadDraw } from '../../../src/analytics/report/charts/draw.ts';
import type { Page, PageName, Report } from '../../../src/analytics/report/model.ts';
import { renderHtml } from '../../../src/analytics/report/render/html.ts';
import { renderJson } from '../../../src/analytics/report/render/json.ts';
import { renderMarkdown } from '../../../src/analytics/report/render/markdown.ts';
import { insertDeals } from '../deals-fixture.ts';
import { fillGuide, guideSettings, reportOf, warehouseFile } from './report-world.ts';

const page = (report: Report, name: PageName) => report.pages.find((one) => one.name === name) as Page;
const plain = (text: string) => text.replaceAll('\u202f', ' ').replaceAll('\u2212', '-');

/** One line a page: what its row on the first screen says. */
const answers = (report: Report) =>
  report.pages.map(({ name, verdict, counts, answer }) => plain(`${name} · ${verdict.words} · ${counts} · ${answer}`));

describe('states of the report', () => {
  it('says of an empty file what is missing, page by page', async () => {
    const report = await reportOf(await warehouseFile(async () => {}));
    await expect(`${answers(report).join('\n')}\n`).toMatchFileSnapshot('golden/empty.txt');
    expect(report.steps).toEqual([]);
    for (const { findings, advice } of report.pages) expect(findings.length + (advice?.length ?? 0)).toBeGreaterThan(0);
  });

  it('says of a file without streams how to get them', async () => {
    const report = await reportOf(await warehouseFile(async () => {}, { streams: [] }));
    await expect(`${answers(report).join('\n')}\n`).toMatchFileSnapshot('golden/no-streams.txt');
    expect(page(report, 'winning').advice?.[0]?.command).toBe('gong-elt marts --in warehouse.duckdb');
  });

  it('says of a file without outcomes where they can come from, and shows no estimate', async () => {
    const report = await reportOf(await warehouseFile(fillGuide(40, true), { settings: guideSettings }));
    await expect(`${answers(report).join('\n')}\n`).toMatchFileSnapshot('golden/no-outcomes.txt');
    expect(page(report, 'winning').verdict.state).toBe('no_outcome');
    expect(page(report, 'winning').advice?.[0]?.command).toContain('gong-elt import outcomes');
    expect(page(report, 'winning').findings[0]?.charts).toBeUndefined();
  });

  it('shows counts and means of too few deals, and neither chart nor interval nor winner', async () => {
    const report = await reportOf(await warehouseFile(fillGuide(24), { settings: guideSettings }));
    const frameworks = page(report, 'frameworks');
    expect(frameworks.verdict.state).toBe('too_few');
    expect(frameworks.answer).toContain('needs 6 more closed deals');
    const [finding] = frameworks.findings;
    expect(finding?.charts).toBeUndefined();
    expect(finding?.estimate).toBeUndefined();
    expect(finding?.tables?.[0]?.rows.map((row) => row['measure'])).toEqual([
      'Average score',
      'Deals that this kit alone scored',
    ]);
    for (const row of page(report, 'winning').findings[0]?.tables?.[0]?.rows ?? [])
      expect([row['estimate'], row['interval'], row['q_value'], row['first_call']]).toEqual([null, null, null, null]);
  });

  it('says that every deal has the same value where that is so', async () => {
    const path = await warehouseFile((warehouse) =>
      insertDeals(
        warehouse,
        Array.from({ length: 120 }, (_, index) => ({ won: index % 2 === 0, bricks: { overall_score: 50 } })),
      ),
    );
    const winning = page(await reportOf(path), 'winning');
    expect(winning.verdict.state).toBe('no_variation');
    expect(winning.answer).toContain('same value');
    expect(winning.findings[0]?.charts).toBeUndefined();
  });

  it('draws hollow marks under a note where a result is only indicative', async () => {
    const report = await reportOf(await warehouseFile(fillGuide(60), { settings: guideSettings }));
    const [finding] = page(report, 'winning').findings;
    expect(finding?.verdict.state).toBe('indicative');
    expect(finding?.note).toContain('hollow');
    const [chart] = finding?.charts ?? [];
    expect(chart?.kind === 'intervals' && chart.rows.every(({ isFirm }) => !isFirm)).toBe(true);
  });

  it('crowns the guide’s winner with its numbers, in HTML, Markdown and JSON, the same bytes each time', async () => {
    const path = await warehouseFile(fillGuide(200), { settings: guideSettings });
    const report = await reportOf(path);
    await expect(`${answers(report).join('\n')}\n`).toMatchFileSnapshot('golden/guide.txt');
    const { answer } = page(report, 'frameworks');
    expect(answer).toMatch(/^MEDDICC v2’s score goes with winning more closely/);
    for (const number of ['0.73', '0.51', '0.22', '[0.12, 0.33]']) expect(plain(answer)).toContain(number);
    const draw = await loadDraw();
    const html = await renderHtml(report, draw);
    expect(plain(html)).toContain('12 % [7 %, 19.8 %]');
    expect(plain(html)).toContain('24 % [16.7 %, 33.2 %]');
    expect(html.match(/<svg /g)?.length).toBe(5);
    expect(Buffer.byteLength(html)).toBeLessThan(1_000_000);
    const again = await reportOf(path);
    // Compared as a whole without printing it.
    expect((await renderHtml(again, await loadDraw())) === html).toBe(true);
    expect(renderMarkdown(again)).toBe(renderMarkdown(report));
    const numbers = JSON.parse(renderJson(again)) as { pages: { page: string; state: string }[] };
    expect(numbers.pages.find(({ page: name }) => name === 'frameworks')?.state).toBe('usable');
  });

  it('says of which kits and weeks there is no run', async () => {
    const path = await warehouseFile(
      async (warehouse) => {
        await fillGuide(40)(warehouse);
        await warehouse.run(
          `DELETE FROM semarize_runs WHERE call_id IN (SELECT call_id FROM calls WHERE started_at < '2026-05-11')`,
        );
      },
      { settings: { kits: [...guideSettings.kits, { code: 'C', label: 'Never run' }] } },
    );
    const part = (await reportOf(path)).facts.find(({ label }) => label === 'Only a part');
    expect(part?.text).toBe('no run of Never run; no run in the weeks from 2026-04-27, 2026-05-04');
  });

  it('comes with tables only where the packages for charts are not installed', async () => {
    const report = await reportOf(await warehouseFile(fillGuide(60), { settings: guideSettings }));
    const html = await renderHtml(report, undefined);
    expect(html).not.toContain('<svg');
    expect(html.match(/<table/g)?.length).toBeGreaterThan(3);
  });
});
