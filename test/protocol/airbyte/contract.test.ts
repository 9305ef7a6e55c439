// Airbyte under the contract of dialects.
import type { ConfiguredCatalog, Stream } from '../../../src/core/catalog.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { parseConfiguredCatalog } from '../../../src/protocol/airbyte/catalog.ts';
import { airbyte } from '../../../src/protocol/airbyte/dialect.ts';
import { describeDialect } from '../../contracts/dialect.ts';
import type { Choice, DialectUnderTest } from '../../contracts/dialect-under-test.ts';

const configure = (streams: readonly Stream[]): ConfiguredCatalog =>
  streams.map((stream) => ({
    stream,
    syncMode: 'incremental',
    destinationSyncMode: 'append',
    primaryKey: stream.primaryKey,
    cursorField: stream.cursorField,
  }));

const discovered = (text: string) => (JSON.parse(text) as { catalog: { streams: JsonObject[] } }).catalog.streams;

/** As the platform writes the catalog of a connection. */
function toConfiguredCatalog(streams: readonly Stream[], { names, isFull, key, without = [] }: Choice): JsonObject {
  const chosen = discovered(airbyte.encodeCatalog(streams)).filter(({ name }) => names.includes(String(name)));
  return {
    streams: chosen.map((stream) => ({
      stream: { ...stream, json_schema: withoutFields(stream['json_schema'] as JsonObject, without) },
      sync_mode: isFull ? 'full_refresh' : 'incremental',
      destination_sync_mode: 'append_dedup',
      primary_key: key === undefined ? (stream['source_defined_primary_key'] ?? null) : key.map((field) => [field]),
      cursor_field: null,
    })),
  };
}

function withoutFields({ properties, ...schema }: JsonObject, without: readonly string[]): JsonObject {
  const kept = Object.entries(properties as JsonObject).filter(([name]) => !without.includes(name));
  return { ...schema, properties: Object.fromEntries(kept) };
}

const stateOf = (content: string, name = 'calls') =>
  `{"type":"STATE","state":{"type":"STREAM","id":12345678901234567890,"stream":{"stream_descriptor":{"name":"${name}"},"stream_state":${content}}}}`;

const subject: DialectUnderTest = {
  dialect: airbyte,
  createEncoder: (streams) => airbyte.createEncoder(configure(streams), systemClock),
  createDecoder: (streams) => airbyte.createDecoder(configure(streams)),
  recordLine: ({ type = '"RECORD"', stream = '"calls"', data, emittedAt }) =>
    `{"type":${type},"record":{"stream":${stream},"data":${data}${emittedAt === undefined ? '' : `,"emitted_at":${emittedAt}`}}}`,
  times: [
    ['1760000000123', 1_760_000_000_123],
    ['1760000000123.9', 1_760_000_000_123],
    ['1.760000000123e12', 1_760_000_000_123],
    // PyAirbyte's replay of its cache.
    ['1760000000', 1_760_000_000_000],
    ['1760000000.25', 1_760_000_000_250],
    ['"1760000000123"', undefined],
    ['null', undefined],
    ['1e999', undefined],
    ['true', undefined],
  ],
  stateLine: (content) => stateOf(content),
  acknowledgementOf: (line, { records }) => ({
    ...line,
    state: { ...(line['state'] as JsonObject), destinationStats: { recordCount: records } },
  }),
  stateFileOf: (acknowledged) => `[${acknowledged.join(',')}]`,
  firstStates: ['[]', '{}', 'null', '[{"type":null,"stream":null}]', `[${stateOf('null')}]`],
  brokenLines: [
    '{"type":"RECORD","record":null}',
    '{"type":"RECORD","record":{"data":{"a":"canary"}}}',
    '{"type":"RECORD","record":{"stream":7,"data":{}}}',
    '{"type":"RECORD","record":{"stream":"calls","data":["canary"]}}',
    '{"type":"STATE","state":"canary"}',
    '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_state":{"a":"canary"}}}}',
  ],
  refusedLine: undefined,
  readDiscovered: (text) =>
    discovered(text).map((stream) => ({
      name: String(stream['name']),
      key: stream['source_defined_primary_key'] as string[][],
      cursor: stream['default_cursor_field'] as string[],
      isFullRefreshOffered: (stream['supported_sync_modes'] as string[]).includes('full_refresh'),
    })),
  choose: (streams, choice) =>
    parseConfiguredCatalog(toConfiguredCatalog(streams, choice), 'sync_mode').map((configured) => ({
      name: configured.stream.name,
      namespace: configured.stream.namespace,
      key: configured.primaryKey,
      cursor: configured.cursorField,
      isFull: configured.syncMode === 'full_refresh',
      fields: Object.keys(configured.stream.jsonSchema['properties'] as JsonObject),
    })),
  readCatalog: (value: JsonValue) => parseConfiguredCatalog(value, 'sync_mode'),
};

describeDialect('Airbyte', subject, {
  'what was saved is said again before anything new': 'a state is one stream’s: the platform keeps the others',
  'a stream that starts is declared, with its key, before its records': 'the catalog names the streams',
  'a message that may not be left out is refused, with the next step': 'nothing that we do not read has data in it',
  'fields may be left out, but for key and cursor': 'the platform takes out of records what is not chosen',
});
