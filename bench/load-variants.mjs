// Inputs of the load bench: Singer lines of one stream whose records are unlike each other in one respect each, and the bare
// objects of the same records for DuckDB's own reader. The same bytes every time.
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { callRow } from './make-lines.mjs';

const text = { type: ['null', 'string'] };
const number = { type: ['null', 'number'] };
const base = {
  call_id: { type: 'string' },
  workspace_id: text,
  url: text,
  title: text,
  started_at: { type: ['null', 'string'], format: 'date-time' },
  duration_s: { type: ['null', 'integer'] },
  direction: text,
  is_private: { type: ['null', 'boolean'] },
  owner_name: text,
  parties: { type: ['null', 'array'] },
  opportunity_id: text,
  amount_now: number,
  close_date_now: { type: ['null', 'string'], format: 'date' },
  crm_objects: { type: ['null', 'array'] },
  content_hash: text,
  extracted_at: { type: ['null', 'string'], format: 'date-time' },
  raw: { type: ['null', 'object'] },
};
const types = {
  string: ({ format }) => (format === 'date-time' ? 'TIMESTAMPTZ' : format === 'date' ? 'DATE' : 'VARCHAR'),
  integer: () => 'BIGINT',
  number: () => 'DOUBLE',
  boolean: () => 'BOOLEAN',
  array: () => 'JSON',
  object: () => 'JSON',
};

/** Digits of their own for each record, as text: `length` of them. */
const digits = (index, length) =>
  String(((index + 1) * 7919) % 1_000_003)
    .padStart(7, '1')
    .repeat(5)
    .slice(0, length);

/** What sets the records of a variant apart: more properties, and the text of a record from its object and number. */
export const variants = {
  plain: { toText: (row) => JSON.stringify(row) },
  escapes: {
    toText: (row, index) =>
      JSON.stringify({ ...row, title: `${row.title} \u{1f600} ${index}` }).replace('security', 's\\u00e9curit\\u00e9'),
  },
  'non-ASCII text': {
    toText: (row) => JSON.stringify({ ...row, title: 'Überprüfung 商談 Ελληνικά приём', owner_name: 'Zoë Müller-Łuk' }),
  },
  '16-digit float': {
    properties: { score: number },
    toText: (row, index) => JSON.stringify(row).replace(/}$/, `,"score":0.${digits(index, 15)}9}`),
  },
  '18-digit decimal': {
    properties: { score: number },
    toText: (row, index) => JSON.stringify(row).replace(/}$/, `,"score":${digits(index, 9)}.${digits(index + 1, 8)}9}`),
  },
  'nested values': {
    properties: { more: { type: ['null', 'object'] } },
    toText: (row, index) =>
      JSON.stringify({ ...row, more: { a: [{ b: index, c: [1, 2, { d: 'x' }] }], e: { f: { g: null } } } }),
  },
  '300 columns': {
    rows: 1 / 5,
    properties: Object.fromEntries(
      Array.from({ length: 283 }, (_, at) => [`c${at}`, at % 2 ? text : { type: ['null', 'integer'] }]),
    ),
    toText: (row, index) =>
      JSON.stringify({
        ...row,
        ...Object.fromEntries(Array.from({ length: 283 }, (_, at) => [`c${at}`, at % 2 ? `v${index}` : index])),
      }),
  },
  'late schema changes': { changes: 10, toText: (row) => JSON.stringify(row) },
};

/** @returns the lines, the objects, and the DuckDB types of the columns; files are made when they are not there */
export async function makeVariant(folder, name, calls) {
  mkdirSync(folder, { recursive: true });
  const { toText, properties = {}, rows: share = 1, changes = 0 } = variants[name];
  const rows = Math.round(calls * share);
  const file = (kind) => join(folder, `${name.replace(/\W+/g, '-')}-${rows}.${kind}.jsonl`);
  const paths = { messages: file('singer'), objects: file('objects') };
  const schemaOf = (step) => ({
    type: 'object',
    properties: {
      ...base,
      ...properties,
      ...Object.fromEntries(Array.from({ length: step }, (_, at) => [`late_${at}`, text])),
    },
  });
  const columns = Object.fromEntries(
    Object.entries(schemaOf(changes).properties).map(([property, schema]) => [
      property,
      types[[schema.type].flat().at(-1)](schema),
    ]),
  );
  if (existsSync(paths.messages) && existsSync(paths.objects)) return { ...paths, rows, columns };
  const outputs = [createWriteStream(paths.messages), createWriteStream(paths.objects)];
  const write = async (output, line) => {
    if (!output.write(line)) await once(output, 'drain');
  };
  const every = Math.ceil(rows / (changes + 1));
  for (let index = 0; index < rows; index++) {
    if (index % every === 0) {
      const schema = schemaOf(changes === 0 ? 0 : index / every);
      await write(
        outputs[0],
        `${JSON.stringify({ type: 'SCHEMA', stream: 'calls', schema, key_properties: ['call_id'] })}\n`,
      );
    }
    const record = toText(callRow(index), index);
    await write(
      outputs[0],
      `{"type":"RECORD","stream":"calls","record":${record},"time_extracted":"2026-06-01T00:00:00.000Z"}\n`,
    );
    await write(outputs[1], `${record}\n`);
  }
  await write(outputs[0], '{"type":"STATE","value":{"n":1}}\n');
  for (const output of outputs) {
    output.end();
    await once(output, 'close');
  }
  return { ...paths, rows, columns };
}
