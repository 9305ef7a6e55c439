// What discovery prints, and which streams and fields a host's catalog selects.
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { readSelection, selectEverything, toSingerCatalog } from '../../../src/protocol/singer/catalog.ts';
import { describeStream, streamNames } from '../../../src/source/streams.ts';

const streams = streamNames.map(describeStream);

/** The discovered catalog, with the stream's entry changed. */
function catalogWith(name: string, change: (entry: JsonObject) => JsonObject): JsonObject {
  const { streams: entries } = toSingerCatalog(streams) as { streams: JsonObject[] };
  return { streams: entries.map((entry) => (entry['stream'] === name ? change(entry) : entry)) };
}

/** Sets metadata of the stream, or of a field. */
const mark = (metadata: JsonObject, field?: string) => (entry: JsonObject) => {
  const breadcrumb = JSON.stringify(field === undefined ? [] : ['properties', field]);
  const list = (entry['metadata'] as JsonObject[]).map((item) =>
    JSON.stringify(item['breadcrumb']) === breadcrumb
      ? { ...item, metadata: { ...(item['metadata'] as JsonObject), ...metadata } }
      : item,
  );
  return { ...entry, metadata: list };
};

const namesOf = (catalog: JsonValue) => readSelection(catalog, streams).streams.map(({ stream }) => stream.name);

function fieldsOf(catalog: JsonValue, name = 'calls'): string[] {
  const selected = readSelection(catalog, streams).streams.find(({ stream }) => stream.name === name);
  const properties = selected?.schema['properties'];
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

test('every field has metadata of its own; the key and the cursor are automatic', () => {
  const { streams: entries } = toSingerCatalog(streams) as { streams: JsonObject[] };
  expect(entries.map((entry) => entry['tap_stream_id'])).toEqual([...streamNames]);
  for (const entry of entries) {
    const { properties } = entry['schema'] as { properties: JsonObject };
    const described = (entry['metadata'] as JsonObject[]).slice(1);
    expect(described.map(({ breadcrumb }) => breadcrumb)).toEqual(
      Object.keys(properties).map((name) => ['properties', name]),
    );
    const automatic = described.filter(({ metadata }) => (metadata as JsonObject)['inclusion'] === 'automatic');
    expect(automatic.map(({ breadcrumb }) => (breadcrumb as string[])[1]).sort()).toEqual(
      [...(entry['key_properties'] as string[]), 'extracted_at'].sort(),
    );
  }
  const runs = entries.find((entry) => entry['stream'] === 'semarize_runs');
  expect(runs).toMatchObject({
    metadata: expect.arrayContaining([
      expect.objectContaining({ metadata: expect.objectContaining({ 'forced-replication-method': 'INCREMENTAL' }) }),
    ]),
  });
});

test('the discovered catalog selects everything, as no catalog does', () => {
  const discovered = toSingerCatalog(streams);
  expect(readSelection(discovered, streams)).toEqual(selectEverything(streams));
  expect(selectEverything(streams).streams.every(({ properties }) => properties === undefined)).toBe(true);
});

describe('a stream', () => {
  test.each<[string, (entry: JsonObject) => JsonObject, boolean]>([
    ['is not selected when the user says so', mark({ selected: false }), false],
    ['is selected by a text as well', mark({ selected: 'true', 'selected-by-default': false }), true],
    ['is not selected by the text false', mark({ selected: 'false' }), false],
    [
      'is selected when it is automatic, whatever the user says',
      mark({ inclusion: 'automatic', selected: false }),
      true,
    ],
    ['is not selected when it is unsupported', mark({ inclusion: 'unsupported', selected: true }), false],
    ['is not selected by default when discovery said so', mark({ 'selected-by-default': false }), false],
    ['without metadata is selected', ({ metadata: _, ...entry }) => entry, true],
    ['without metadata obeys the old flag', ({ metadata: _, ...entry }) => ({ ...entry, selected: false }), false],
    [
      'obeys the old flag in its schema',
      ({ metadata: _, schema, ...entry }) => ({ ...entry, schema: { ...(schema as JsonObject), selected: 'false' } }),
      false,
    ],
  ])('%s', (_, change, isSelected) => {
    expect(namesOf(catalogWith('calls', change)).includes('calls')).toBe(isSelected);
  });

  test('that is not in the catalog is not selected; the order is ours', () => {
    const { streams: entries } = toSingerCatalog(streams) as { streams: JsonObject[] };
    expect(namesOf({ streams: entries.filter((entry) => entry['stream'] !== 'transcripts').reverse() })).toEqual([
      'calls',
      'semarize_runs',
    ]);
  });

  test('that is none of ours is an error with the next step', () => {
    const catalog = catalogWith('calls', (entry) => ({ ...entry, tap_stream_id: 'deals', stream: 'deals' }));
    expect(() => readSelection(catalog, streams)).toThrow(
      expect.objectContaining({ area: 'config', message: expect.stringContaining('"deals"') }),
    );
    const ignored = catalogWith('calls', (entry) =>
      mark({ selected: false })({ ...entry, tap_stream_id: 'deals', stream: 'deals' }),
    );
    expect(namesOf(ignored)).toEqual(['transcripts', 'semarize_runs']);
  });

  test('is read from its start when the user wants the full table, but for runs, which are never bought twice', () => {
    const full = mark({ 'replication-method': 'FULL_TABLE' });
    const calls = readSelection(catalogWith('calls', full), streams);
    expect(calls.streams.map(({ isFullTable }) => isFullTable)).toEqual([true, false, false]);
    expect(calls.warnings).toEqual([]);
    const legacy = readSelection(
      catalogWith('calls', (entry) => ({ ...entry, replication_method: 'full_table' })),
      streams,
    );
    expect(legacy.streams[0]?.isFullTable).toBe(true);
    const runs = readSelection(catalogWith('semarize_runs', full), streams);
    expect(runs.streams.map(({ isFullTable }) => isFullTable)).toEqual([false, false, false]);
    expect(runs.warnings).toEqual([expect.stringContaining('semarize_runs')]);
  });

  test('keeps its key, and says so', () => {
    const { warnings } = readSelection(
      catalogWith('calls', (entry) => ({ ...entry, key_properties: ['title'] })),
      streams,
    );
    expect(warnings).toEqual(['stream calls keeps its key call_id']);
  });
});

describe('a field', () => {
  test.each<[string, (entry: JsonObject) => JsonObject, string, boolean]>([
    ['is left out when the user says so', mark({ selected: false }, 'title'), 'title', false],
    ['that is the key stays', mark({ selected: false }, 'call_id'), 'call_id', true],
    [
      'that is the cursor stays',
      mark({ selected: false, inclusion: 'available' }, 'extracted_at'),
      'extracted_at',
      true,
    ],
    ['that is unsupported goes', mark({ inclusion: 'unsupported' }, 'title'), 'title', false],
    [
      'obeys the old flag in the schema',
      ({ schema, ...entry }) => ({
        ...entry,
        metadata: [{ breadcrumb: [], metadata: { selected: true } }],
        schema: { ...(schema as JsonObject), properties: { title: { selected: false } } },
      }),
      'title',
      false,
    ],
    [
      'that nobody mentions goes with its stream',
      ({ schema: _, ...entry }) => ({ ...entry, metadata: [{ breadcrumb: [], metadata: { selected: true } }] }),
      'title',
      true,
    ],
  ])('%s', (_, change, field, isSelected) => {
    expect(fieldsOf(catalogWith('calls', change)).includes(field)).toBe(isSelected);
  });
});

test.each<[string, JsonValue]>([
  ['no list of streams', {}],
  ['a list of names', { streams: ['calls'] }],
  ['null', null],
])('%s is no catalog', (_, catalog) => {
  expect(() => readSelection(catalog, streams)).toThrow(expect.objectContaining({ area: 'config' }));
});
