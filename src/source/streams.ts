// The three streams, as data: the read loop, `discover` and the printed schemas all read this table.
import type { z } from 'zod';
import type { Stream } from '../core/catalog.ts';
import { toJsonSchema } from '../core/json-schema.ts';
import { callRowSchema, transcriptRowSchema } from '../gong/row-schemas.ts';
import { runRowSchema } from '../semarize/row-schemas.ts';
import type { SourceConfig } from './config.ts';

export const streamNames = ['calls', 'transcripts', 'semarize_runs'] as const;
export type StreamName = (typeof streamNames)[number];

interface StreamDefinition {
  readonly rowSchema: z.ZodType;
  readonly primaryKey: string;
  /** An evaluation is bought once: a full refresh of it would not be one. */
  readonly syncModes: Stream['syncModes'];
}

const definitions: Record<StreamName, StreamDefinition> = {
  calls: { rowSchema: callRowSchema, primaryKey: 'call_id', syncModes: ['full_refresh', 'incremental'] },
  transcripts: { rowSchema: transcriptRowSchema, primaryKey: 'call_id', syncModes: ['full_refresh', 'incremental'] },
  semarize_runs: { rowSchema: runRowSchema, primaryKey: 'run_id', syncModes: ['incremental'] },
};

export function describeStream(name: StreamName): Stream {
  const { rowSchema, primaryKey, syncModes } = definitions[name];
  return {
    name,
    jsonSchema: { $schema: 'http://json-schema.org/draft-07/schema#', ...toJsonSchema(rowSchema) },
    primaryKey: [[primaryKey]],
    cursorField: ['extracted_at'],
    syncModes,
  };
}

/** What this configuration can read: without a Semarize key there are no runs. */
export function discoverStreams(config: Pick<SourceConfig, 'semarize_api_key'>): Stream[] {
  return streamNames
    .filter((name) => name !== 'semarize_runs' || config.semarize_api_key !== undefined)
    .map(describeStream);
}

export function isStreamName(name: string): name is StreamName {
  return (streamNames as readonly string[]).includes(name);
}
