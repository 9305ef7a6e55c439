// gong-elt report, as a process.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillGuide, guideSettings, warehouseFile } from '../analytics/report/report-world.ts';
import { runGongElt } from '../support/run-node.ts';

const guideFolder = async () => dirname(await warehouseFile(fillGuide(60), { settings: guideSettings }));

describe('gong-elt report', () => {
  it('writes the page and its numbers, prints their paths, and says each answer', async () => {
    const cwd = await guideFolder();
    const { code, stdout, stderr } = await runGongElt(['report', '--from', 'warehouse.duckdb'], { cwd });
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('report.html\nreport.json\n');
    expect(stderr).toContain('Framework A/B: ');
    const html = await readFile(join(cwd, 'report.html'), 'utf8');
    expect(html).toContain('gong-elt report --from warehouse.duckdb');
    // What analyze computes was computed for it.
    expect(html).toMatch(/2.000 draws, seed 1/);
    const numbers = JSON.parse(await readFile(join(cwd, 'report.json'), 'utf8')) as { pages: unknown[] };
    expect(numbers.pages).toHaveLength(8);
  });

  it('makes one page of a period and segment, as Markdown, and says which', async () => {
    const cwd = await guideFolder();
    const { code, stderr } = await runGongElt(
      [
        'report',
        '--from',
        'warehouse.duckdb',
        '--format',
        'md',
        '--page',
        'frameworks',
        '--since',
        '2026-05-10',
        '--segment',
        'rep=Bo Chen',
      ],
      { cwd },
    );
    expect(code, stderr).toBe(0);
    const text = await readFile(join(cwd, 'report.md'), 'utf8');
    expect(text).toContain('- Period: from 2026-05-10');
    expect(text).toContain('- Segment: rep Bo Chen');
    expect(text).not.toContain('What goes with winning');
  });

  it.each([
    [['--segment', 'mood=good'], '--segment cannot be a mood'],
    [['--since', 'yesterday'], '--since must be a date'],
    [['--since', '2026-06-01', '--until', '2026-05-01'], '--until must be after --since'],
    [['-o', 'nowhere/report.html'], 'the report cannot be written'],
  ])('refuses %j with 2, and writes nothing', async (flags, words) => {
    const cwd = await guideFolder();
    const { code, stderr } = await runGongElt(['report', '--from', 'warehouse.duckdb', ...flags], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    await expect(readFile(join(cwd, 'report.html'))).rejects.toThrow('ENOENT');
  });

  it('says of a file that is no database what it is', async () => {
    const cwd = await guideFolder();
    await writeFile(join(cwd, 'x.duckdb'), 'no database');
    const { code, stderr } = await runGongElt(['report', '--from', 'x.duckdb'], { cwd });
    expect(code).toBe(7);
    expect(stderr).toContain('not a DuckDB file');
  });
});
