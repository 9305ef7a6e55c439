import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../src/core/errors.ts';
import { encodeCatalog, parseConfiguredCatalog } from '../../../src/protocol/airbyte/catalog.ts';

const stream = {
  name: 'calls',
  json_schema: { type: 'object', properties: {} },
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_primary_key: [['call_id']],
  default_cursor_field: ['started_at'],
};
const entry = { stream, sync_mode: 'incremental', destination_sync_mode: 'append_dedup' };
const parse = (streams: unknown, mode: 'sync_mode' | 'destination_sync_mode' = 'sync_mode') =>
  parseConfiguredCatalog({ streams }, mode);

function problemsOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectorError && error.area === 'config') return error.message;
  }
  throw new Error('no config error');
}

describe('a configured catalog', () => {
  it('takes key and cursor from the source when the host names none, in any way of saying none', () => {
    const expected = {
      stream: {
        name: 'calls',
        namespace: undefined,
        jsonSchema: stream.json_schema,
        primaryKey: [['call_id']],
        cursorField: ['started_at'],
        syncModes: ['full_refresh', 'incremental'],
      },
      syncMode: 'incremental',
      destinationSyncMode: 'append_dedup',
      primaryKey: [['call_id']],
      cursorField: ['started_at'],
      generationId: undefined,
      minimumGenerationId: undefined,
      syncId: undefined,
    };
    expect(parse([entry])).toEqual([expected]);
    expect(
      parse([{ ...entry, primary_key: null, cursor_field: null, generation_id: null, include_files: null }]),
    ).toEqual([expected]);
    expect(parse([{ ...entry, stream: { ...stream, namespace: '' }, primary_key: [], cursor_field: [] }])).toEqual([
      expected,
    ]);
  });

  it('takes what the host chose before what the source proposes', () => {
    const [configured] = parse([
      {
        ...entry,
        primary_key: [['a'], ['b', 'c']],
        cursor_field: ['d'],
        generation_id: 3,
        minimum_generation_id: 0,
        sync_id: 9,
      },
    ]);
    expect(configured).toMatchObject({
      primaryKey: [['a'], ['b', 'c']],
      cursorField: ['d'],
      generationId: 3,
      minimumGenerationId: 0,
      syncId: 9,
    });
  });

  it('understands what discover printed', () => {
    const original = {
      name: 'calls',
      jsonSchema: stream.json_schema,
      primaryKey: [['call_id']],
      cursorField: ['started_at'],
      syncModes: ['full_refresh', 'incremental'] as const,
    };
    const printed = JSON.parse(encodeCatalog([original])) as { catalog: { streams: unknown[] } };
    expect(parse([{ ...entry, stream: printed.catalog.streams[0] }])[0]?.stream).toEqual({
      ...original,
      namespace: undefined,
    });
  });

  it('is judged by the mode its reader acts on, not by the placeholder in the other', () => {
    expect(parse([{ ...entry, destination_sync_mode: 'placeholder' }], 'sync_mode')[0]?.destinationSyncMode).toBe(
      'append',
    );
    expect(parse([{ ...entry, sync_mode: 'INVALID' }], 'destination_sync_mode')[0]?.syncMode).toBe('full_refresh');
    expect(problemsOf(() => parse([{ ...entry, sync_mode: 'INVALID' }], 'sync_mode'))).toContain(
      'streams[0].sync_mode is none of full_refresh, incremental',
    );
    expect(problemsOf(() => parse([{ ...entry, destination_sync_mode: 'update' }], 'destination_sync_mode'))).toContain(
      'streams[0].destination_sync_mode is none of',
    );
  });

  it('is refused with every problem at its place', () => {
    const message = problemsOf(() =>
      parse([
        entry,
        { sync_mode: 'incremental' },
        { ...entry, stream: { name: '' }, primary_key: 'id', cursor_field: [1], generation_id: 'x' },
        entry,
      ]),
    );
    for (const problem of [
      'streams[1].stream is missing',
      'streams[2].stream.name is missing or empty',
      'streams[2].stream.json_schema is no object',
      'streams[2].primary_key has a wrong form',
      'streams[2].cursor_field has a wrong form',
      'streams[2].generation_id has a wrong form',
      'streams[3] names a stream for the second time',
    ])
      expect(message).toContain(problem);
  });

  it.each([null, [], 'x', {}, { streams: null }])('%j is none', (value) => {
    expect(problemsOf(() => parseConfiguredCatalog(value, 'sync_mode'))).toContain('no list "streams"');
  });

  it('may hold one name in two namespaces', () => {
    expect(parse([entry, { ...entry, stream: { ...stream, namespace: 'b' } }])).toHaveLength(2);
  });
});
