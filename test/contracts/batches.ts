// Batches made by hand, through the loader's own staging, so that a destination can be tried without a loader.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfiguredStream, JsonSchema } from '../../src/core/catalog.ts';
import type { Batch, Destination, StagedStream } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { createStage } from '../../src/load/stage.ts';

export interface StagedRow {
  readonly stream: ConfiguredStream;
  readonly row: JsonObject;
  readonly emittedAt?: number;
  /** The host's remarks. */
  readonly meta?: JsonObject;
}

export interface BatchMaker {
  /** @param rows in the order of arrival; the batch also names the streams of `empty`, without rows */
  make(
    id: string,
    rows: readonly StagedRow[],
    states?: Readonly<Record<string, JsonObject | null>>,
    empty?: readonly ConfiguredStream[],
  ): Batch;
}

let stages = 0;

export function createBatchMaker(destination: Destination): BatchMaker {
  let seq = 0;
  return {
    make(id, rows, states = {}, empty = []) {
      mkdirSync(destination.stagingFolder, { recursive: true, mode: 0o700 });
      const stage = createStage(join(destination.stagingFolder, `test-${stages++}`));
      for (const { stream, row, emittedAt = 1_760_000_000_000, meta } of rows)
        stage.append(
          stream,
          Buffer.from(JSON.stringify(row)),
          { emittedAt, meta: meta === undefined ? undefined : JSON.stringify(meta) },
          seq++,
        );
      const without = empty.map(
        (configured): StagedStream => ({ configured, files: [], rows: 0, bytes: 0, longestLine: 0 }),
      );
      return { id, streams: [...stage.seal().streams, ...without], states };
    },
  };
}

export interface StreamShape {
  readonly namespace?: string;
  readonly mode?: ConfiguredStream['destinationSyncMode'];
  readonly key?: readonly (readonly string[])[];
  readonly cursor?: readonly string[];
}

/** A stream with these properties; by default one row per `id`, newest `updated` first. */
export function streamOf(name: string, properties: JsonObject, shape: StreamShape = {}): ConfiguredStream {
  const primaryKey = shape.key ?? [['id']];
  const cursorField = shape.cursor ?? ('updated' in properties ? ['updated'] : []);
  const jsonSchema: JsonSchema = { type: 'object', properties };
  return {
    stream: { name, namespace: shape.namespace, jsonSchema, primaryKey, cursorField, syncModes: ['incremental'] },
    syncMode: 'incremental',
    destinationSyncMode: shape.mode ?? 'append_dedup',
    primaryKey,
    cursorField,
  };
}

export const text = { type: ['null', 'string'] };
export const integer = { type: ['null', 'integer'] };
export const number = { type: ['null', 'number'] };
export const flag = { type: ['null', 'boolean'] };
export const day = { type: ['null', 'string'], format: 'date' };
export const instant = { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' };
