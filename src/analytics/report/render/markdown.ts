// The report as Markdown, for pull requests and chat: sentences and tables, no charts.
import { formatCell, isRightAligned } from '../format-cell.ts';
import type { Advice, Finding, Page, Report, Table } from '../model.ts';
import { formatCount } from '../numbers.ts';
import { cutText, visibleText } from '../text.ts';

const longestText = 200;

export function renderMarkdown({
  title,
  subtitle,
  facts,
  banner,
  coverage,
  pages,
  exclusions,
  limits,
}: Report): string {
  const lines = [
    `# ${plain(title)}`,
    plain(subtitle),
    ...(banner === undefined ? [] : [`**${plain(banner)}**`]),
    facts.map(({ label, text }) => `- ${plain(label)}: ${plain(text)}`).join('\n'),
    '## Answers',
    answersTable(pages),
    `## ${plain(coverage.title)}`,
    ...findingLines(coverage),
    ...pages.flatMap(pageLines),
    `## ${plain(exclusions.title)}`,
    ...findingLines(exclusions),
    '## What this cannot say',
    limits.map((line) => `- ${plain(line)}`).join('\n'),
  ];
  return `${lines.join('\n\n')}\n`;
}

function answersTable(pages: readonly Page[]): string {
  const rows = pages.map(({ question, answer, counts, verdict }) => [question, answer, counts, verdict.words]);
  return [
    '| Question | Answer | n | Verdict |',
    '| --- | --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.map(plain).join(' | ')} |`),
  ].join('\n');
}

function pageLines({ title, answer, notes = [], advice = [], findings }: Page): string[] {
  return [
    `## ${plain(title)}`,
    ...notes.map((note) => `> ${plain(note)}`),
    ...(findings.length === 0 ? [plain(answer)] : []),
    ...advice.map(adviceText),
    ...findings.flatMap((finding) => [`### ${plain(finding.title)}`, ...findingLines(finding)]),
  ];
}

function adviceText({ text, command, yaml }: Advice): string {
  return [plain(text), ...[command, yaml].filter((code) => code !== undefined).map(fenced)].join('\n\n');
}

/** In a fence that the text itself does not end. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${visibleText(code)}\n${fence}`;
}

function findingLines({ sentence, estimate, counts, verdict, note, tables = [], cautions = [] }: Finding): string[] {
  return [
    plain(sentence),
    [verdict.words, estimate, counts]
      .filter(Boolean)
      .map((text) => plain(text ?? ''))
      .join(' · '),
    ...(note === undefined ? [] : [`> ${plain(note)}`]),
    ...tables.map(tableText),
    ...(cautions.length === 0
      ? []
      : [`What could make this wrong:\n\n${cautions.map((line) => `- ${plain(line)}`).join('\n')}`]),
  ];
}

function tableText({ caption, columns, rows, total }: Table): string {
  const cut = rows.length < total ? `. Showing ${formatCount(rows.length)} of ${formatCount(total)}.` : '';
  return [
    `${plain(caption)}${cut}`,
    '',
    `| ${columns.map(({ label }) => plain(label)).join(' | ')} |`,
    `| ${columns.map((column) => (isRightAligned(column) ? '---:' : '---')).join(' | ')} |`,
    ...rows.map(
      (row) => `| ${columns.map((column) => plain(cutText(formatCell(column, row), longestText))).join(' | ')} |`,
    ),
  ].join('\n');
}

/** Text that stays text: what Markdown or the HTML in it would read as markup is escaped. */
function plain(text: string): string {
  return visibleText(text)
    .replace(/\s*[\r\n\t]+\s*/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&!]/g, (character) => `\\${character}`)
    .replace(/\b(https?|javascript|data):/gi, '$1\\:');
}
