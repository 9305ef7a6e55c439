// The report as one HTML file: no script, no request, one style sheet that is allowed by its hash.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConnectorError } from '../../../core/errors.ts';
import type { Draw } from '../charts/draw.ts';
import type { Content } from '../markup.ts';
import { h, toHtml } from '../markup.ts';
import type { Advice, Finding, Page, Report } from '../model.ts';
import { formatCount } from '../numbers.ts';
import { tableMarkup } from './html-table.ts';

/** @param draw undefined where the packages for charts are not installed: tables only */
export async function renderHtml(report: Report, draw: Draw | undefined): Promise<string> {
  const css = await readFile(new URL('../report.css', import.meta.url), 'utf8');
  const body = h(
    'body',
    {},
    h('a', { class: 'skip', href: '#content' }, 'Skip to the answers'),
    headMarkup(report),
    h(
      'main',
      { id: 'content' },
      overview(report),
      report.pages.map((page, index) => pageMarkup(page, index + 1, draw)),
      endMarkup(report, draw),
    ),
  );
  return documentOf(report.title, css, toHtml(body));
}

/** The only text that is not escaped is ours: the style sheet, which must not end its own element. */
function documentOf(title: string, css: string, body: string): string {
  if (css.includes('<')) throw new ConnectorError('the style sheet holds a tag', { area: 'bug' });
  const hash = createHash('sha256').update(css).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${toHtml(title)}</title>
<style>${css}</style>
</head>
${body}
</html>
`;
}

function headMarkup({ title, subtitle, banner, steps }: Report): Content {
  return h(
    'header',
    {},
    h('h1', {}, title),
    h('p', { class: 'subtitle' }, subtitle),
    banner !== undefined && h('p', { class: 'banner' }, banner),
    steps.length > 0 &&
      h(
        'ol',
        { class: 'steps', 'aria-label': 'From calls to an answer' },
        steps.map(({ label, n, share, loss }) =>
          h(
            'li',
            {},
            h('strong', {}, formatCount(n)),
            h('span', {}, label),
            share !== '' && h('span', {}, share),
            loss !== '' && h('span', { class: 'loss' }, `most lost: ${loss}`),
          ),
        ),
      ),
  );
}

function overview({ pages }: Report): Content {
  return [
    h(
      'section',
      { 'aria-labelledby': 'answers' },
      h('h2', { id: 'answers' }, 'Answers'),
      h(
        'ol',
        { class: 'answers' },
        pages.map((page) =>
          h(
            'li',
            {},
            h('a', { class: 'question', href: `#${page.name}` }, page.question),
            h('p', { class: 'answer' }, page.answer),
            h('p', { class: 'small' }, badge(page), page.counts !== '' && h('span', { class: 'counts' }, page.counts)),
          ),
        ),
      ),
    ),
  ];
}

function badge({ verdict }: { verdict: Page['verdict'] }): Content {
  return h('span', { class: `verdict ${verdict.state}` }, verdict.words);
}

function pageMarkup(page: Page, number: number, draw: Draw | undefined): Content {
  return h(
    'section',
    { id: page.name, 'aria-labelledby': `${page.name}-title`, class: 'page' },
    h('h2', { id: `${page.name}-title` }, h('span', { class: 'ordinal' }, `${number} `), page.title),
    h('p', { class: 'asked' }, page.question),
    page.notes?.map((note) => h('p', { class: 'note' }, note)),
    page.findings.length === 0 && h('p', { class: 'lead' }, page.answer),
    page.advice?.map(adviceMarkup),
    page.findings.map((finding) =>
      h(
        'section',
        { class: 'finding', 'aria-labelledby': `${finding.id}-title` },
        h('h3', { id: `${finding.id}-title` }, finding.title),
        h('p', { class: 'lead' }, finding.sentence),
        h(
          'p',
          { class: 'small' },
          badge(finding),
          finding.estimate !== undefined && h('span', { class: 'estimate' }, finding.estimate),
          h('span', { class: 'counts' }, finding.counts),
        ),
        finding.note !== undefined && h('p', { class: 'note' }, finding.note),
        findingBody(finding, draw),
      ),
    ),
    h('p', { class: 'back' }, h('a', { href: '#answers' }, 'Back to the answers')),
  );
}

function findingBody(finding: Finding, draw: Draw | undefined): Content {
  const { charts = [], tables = [], sql, cautions = [] } = finding;
  return [
    draw !== undefined && charts.map(draw),
    tables.map((table, index) => tableMarkup(table, sql[index])),
    cautions.length > 0 && [
      h('h4', {}, 'What could make this wrong'),
      h(
        'ul',
        { class: 'cautions' },
        cautions.map((line) => h('li', {}, line)),
      ),
    ],
    [...new Set(sql)].map((text) =>
      h('details', { class: 'sql' }, h('summary', {}, 'SQL'), h('pre', {}, h('code', {}, text))),
    ),
  ];
}

function adviceMarkup({ text, command, yaml }: Advice): Content {
  return h(
    'div',
    { class: 'advice' },
    h('p', {}, text),
    [command, yaml].map((code) => code !== undefined && h('pre', {}, h('code', {}, code))),
  );
}

function endMarkup({ coverage, definitions, exclusions, facts, limits }: Report, draw: Draw | undefined): Content {
  return [
    h(
      'section',
      { 'aria-labelledby': 'coverage-title', class: 'page' },
      h('h2', { id: 'coverage-title' }, coverage.title),
      h('p', { class: 'lead' }, coverage.sentence),
      findingBody(coverage, draw),
    ),
    h(
      'section',
      { 'aria-labelledby': 'exclusions-title', class: 'page' },
      h('h2', { id: 'exclusions-title' }, exclusions.title),
      h('p', { class: 'lead' }, exclusions.sentence),
      findingBody(exclusions, draw),
    ),
    h(
      'section',
      { 'aria-labelledby': 'definitions-title', class: 'page' },
      h('h2', { id: 'definitions-title' }, 'What the words mean'),
      h(
        'dl',
        { class: 'definitions' },
        definitions.map(({ term, text }) => h('div', {}, h('dt', {}, term), h('dd', {}, text))),
      ),
    ),
    h(
      'section',
      { 'aria-labelledby': 'limits-title', class: 'page' },
      h('h2', { id: 'limits-title' }, 'What this cannot say'),
      h(
        'ul',
        {},
        limits.map((line) => h('li', {}, line)),
      ),
    ),
    h(
      'section',
      { 'aria-labelledby': 'facts-title', class: 'page' },
      h('h2', { id: 'facts-title' }, 'How this was made'),
      h(
        'dl',
        { class: 'facts' },
        facts.map(({ label, text }) => h('div', {}, h('dt', {}, label), h('dd', {}, text))),
      ),
    ),
  ];
}
