// Singer under the contract of dialects.
import type { Stream } from '../../../src/core/catalog.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { noState } from '../../../src/protocol/dialect.ts';
import { readSelection, selectEverything } from '../../../src/protocol/singer/catalog.ts';
import { singer } from '../../../src/protocol/singer/dialect.ts';
import { describeDialect } from '../../contracts/dialect.ts';
import type { Choice, DialectUnderTest } from '../../contracts/dialect-under-test.ts';

interface Entry extends JsonObject {
  stream: string;
  metadata: { breadcrumb: string[]; metadata: JsonObject }[];
}

const openDecoder = () =>
  singer.createDecoder({
    loadMethod: 'upsert',
    hasDefaultSchema: true,
    addRecordMetadata: false,
    isStrict: true,
    hardDelete: false,
    obeysActivations: true,
    now: () => 0,
  });
const openEncoder = (streams: readonly Stream[]) => singer.createEncoder(selectEverything(streams).streams, noState);

const discovered = (text: string) => (JSON.parse(text) as { streams: Entry[] }).streams;
const ofStream = ({ metadata }: Entry) => metadata.find(({ breadcrumb }) => breadcrumb.length === 0)?.metadata ?? {};

/** As Meltano marks the catalog that discovery printed. */
function toCatalog(streams: readonly Stream[], { names, isFull, key, without = [] }: Choice): JsonObject {
  const entries = discovered(singer.encodeCatalog(streams));
  for (const entry of entries) {
    const own = ofStream(entry);
    own['selected'] = names.includes(entry.stream);
    if (isFull) own['replication-method'] = 'FULL_TABLE';
    if (key !== undefined) own['key-properties'] = [...key];
    for (const { breadcrumb, metadata } of entry.metadata)
      if (without.includes(breadcrumb[1] ?? '')) metadata['selected'] = false;
  }
  return { streams: entries };
}

const subject: DialectUnderTest = {
  dialect: singer,
  createEncoder: (streams, saved) => singer.createEncoder(selectEverything(streams).streams, saved),
  createDecoder(streams) {
    const decoder = openDecoder();
    const encoder = openEncoder(streams);
    for (const { name: stream } of streams)
      decoder.decode(Buffer.from(encoder.encode({ type: 'status', stream, status: 'started' }).trimEnd()));
    return decoder;
  },
  recordLine: ({ type = '"RECORD"', stream = '"calls"', data, emittedAt }) =>
    `{"type":${type},"stream":${stream},"record":${data}${emittedAt === undefined ? '' : `,"time_extracted":${emittedAt}`}}`,
  times: [
    ['"2026-01-03T00:00:00.123456Z"', Date.parse('2026-01-03T00:00:00.123Z')],
    ['"2026-01-03T00:00:00+02:00"', Date.parse('2026-01-02T22:00:00Z')],
    ['"2026-01-03T00:00:00"', Date.parse('2026-01-03T00:00:00Z')],
    ['"2026-01-03T00:00:00\\u005a"', Date.parse('2026-01-03T00:00:00Z')],
    ['"yesterday"', undefined],
    ['""', undefined],
    ['null', undefined],
    ['1760000000123', undefined],
    ['920260103', undefined],
  ],
  stateLine: (content) => `{"type":"STATE","value":{"bookmarks":{"calls":${content}}}}`,
  acknowledgementOf: (line) => line['value'] ?? null,
  stateFileOf: (acknowledged) => acknowledged.at(-1) ?? '',
  firstStates: ['{}', 'null', '{"bookmarks":{}}', '{"currently_syncing":null}'],
  brokenLines: [
    '{"type":"RECORD","record":{"a":"canary"}}',
    '{"type":"RECORD","stream":7,"record":{}}',
    '{"type":"RECORD","stream":"calls","record":["canary"]}',
    '{"stream":"canary"}',
  ],
  refusedLine: '{"type":"BATCH","stream":"calls","manifest":["file:///canary.jsonl"]}',
  readDiscovered: (text) =>
    discovered(text).map((entry) => ({
      name: entry.stream,
      key: (ofStream(entry)['table-key-properties'] as string[]).map((field) => [field]),
      cursor: ofStream(entry)['valid-replication-keys'] as string[],
      isFullRefreshOffered: ofStream(entry)['forced-replication-method'] === undefined,
    })),
  choose: (streams, choice) =>
    readSelection(toCatalog(streams, choice), streams).streams.map(({ stream, schema, isFullTable }) => ({
      name: stream.name,
      namespace: (discovered(singer.encodeCatalog(streams)).map(ofStream)[0]?.['schema-name'] as string) ?? undefined,
      key: discovered(singer.encodeCatalog(streams))
        .filter((entry) => entry.stream === stream.name)
        .flatMap((entry) => (entry['key_properties'] as string[]).map((field) => [field])),
      cursor: stream.cursorField,
      isFull: isFullTable,
      fields: Object.keys(schema['properties'] as JsonObject),
    })),
  readCatalog: (value: JsonValue) => readSelection(value, []),
};

describeDialect('Singer', subject, {
  'a state stands for its own stream': 'it stands for all of them',
  'a log is a line that asks nothing of a loader': 'logs go to stderr',
  'how a stream is doing is heard as it was said': 'there is no such message',
  'another key than the stream’s own may be chosen': 'the tap keeps its key, and says so',
  'a key may lie deeper than the first level': 'keys are names of fields',
  'a stream may lie in a namespace': 'an API has none',
});
