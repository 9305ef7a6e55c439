// The report's numbers for programs: the same rows as the tables, with the SQL that gives all of them.
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Finding, Page, Report, Row, Table } from '../model.ts';

export function renderJson(report: Report): string {
  const { title, subtitle, facts, banner, coverage, pages, exclusions, definitions, limits } = report;
  const value: JsonObject = {
    title,
    subtitle,
    facts: Object.fromEntries(facts.map(({ label, text }) => [label, text])),
    ...(banner === undefined ? {} : { banner }),
    coverage: findingOf(coverage),
    pages: pages.map(pageOf),
    exclusions: findingOf(exclusions),
    definitions: Object.fromEntries(definitions.map(({ term, text }) => [term, text])),
    limits: [...limits],
  };
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

function pageOf({
  name,
  title,
  question,
  answer,
  counts,
  verdict,
  notes = [],
  advice = [],
  findings,
}: Page): JsonObject {
  return {
    page: name,
    title,
    question,
    answer,
    counts,
    state: verdict.state,
    verdict: verdict.words,
    notes: [...notes],
    advice: advice.map(({ text, command, yaml }) => ({ text, command: command ?? null, yaml: yaml ?? null })),
    findings: findings.map(findingOf),
  };
}

function findingOf({
  id,
  title,
  sentence,
  estimate,
  counts,
  verdict,
  note,
  tables = [],
  sql,
  cautions = [],
}: Finding): JsonObject {
  return {
    id,
    title,
    sentence,
    estimate: estimate ?? null,
    counts,
    state: verdict.state,
    verdict: verdict.words,
    note: note ?? null,
    cautions: [...cautions],
    tables: tables.map((table, index) => tableOf(table, sql[index])),
  };
}

function tableOf({ caption, columns, rows, total }: Table, sql: string | undefined): JsonObject {
  return {
    caption,
    sql: sql ?? null,
    total,
    rows: rows.map((row) => Object.fromEntries(columns.map(({ key }) => [key, cellValue(row, key)]))),
  };
}

function cellValue(row: Row, key: string): JsonValue {
  const value = row[key] ?? null;
  // JSON has no word for NaN and infinity; a mart that let one out would not make the file unreadable.
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}
