// The actions of a Delta log, and its entries as text. What we know of them only: other members are ignored, as the protocol asks.
import { z } from 'zod';

const texts = z.record(z.string(), z.string().nullable());

const protocolSchema = z.object({
  minReaderVersion: z.number(),
  minWriterVersion: z.number(),
  readerFeatures: z.array(z.string()).nullish(),
  writerFeatures: z.array(z.string()).nullish(),
});

const metaDataSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  format: z.object({ provider: z.string(), options: texts.nullish() }),
  /** JSON text of the columns: see schema.ts. */
  schemaString: z.string(),
  partitionColumns: z.array(z.string()),
  configuration: texts.nullish(),
  /** Milliseconds since the epoch. */
  createdTime: z.number().nullish(),
});

const addSchema = z.object({
  /** Relative to the table's folder, URI-encoded. */
  path: z.string(),
  partitionValues: texts,
  /** Bytes. */
  size: z.number(),
  /** Milliseconds since the epoch. */
  modificationTime: z.number(),
  dataChange: z.boolean(),
  /** JSON text: see stats.ts. */
  stats: z.string().nullish(),
  deletionVector: z.unknown().optional(),
});

const removeSchema = z.object({
  path: z.string(),
  /** Milliseconds since the epoch. */
  deletionTimestamp: z.number().nullish(),
  dataChange: z.boolean(),
  partitionValues: texts.nullish(),
  size: z.number().nullish(),
});

const txnSchema = z.object({
  /** For us: the connection whose state it belongs to. */
  appId: z.string(),
  /** For us: the number of that state. */
  version: z.number(),
  lastUpdated: z.number().nullish(),
});

const commitInfoSchema = z.object({ gongEltBatch: z.string().nullish() });

const actionSchema = z.object({
  protocol: protocolSchema.nullish(),
  metaData: metaDataSchema.nullish(),
  add: addSchema.nullish(),
  remove: removeSchema.nullish(),
  txn: txnSchema.nullish(),
  commitInfo: commitInfoSchema.nullish(),
});

export type Protocol = z.infer<typeof protocolSchema>;
export type MetaData = z.infer<typeof metaDataSchema>;
export type AddFile = z.infer<typeof addSchema>;
export type RemoveFile = z.infer<typeof removeSchema>;
export type Txn = z.infer<typeof txnSchema>;
/** One line of an entry, or one row of a checkpoint. */
export type Action = z.infer<typeof actionSchema>;

/** What we say of a commit beside its actions. */
export interface CommitInfo {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** In the words of other writers: `MERGE`, `WRITE`, `OPTIMIZE`. */
  readonly operation: string;
  /** The batch whose rows it brings. */
  readonly batchId?: string | undefined;
}

/** @throws what zod or JSON.parse throw, for text that is no entry */
export function decodeEntry(text: string): Action[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => actionSchema.parse(JSON.parse(line)));
}

/** An action from the JSON text of a row of a checkpoint. */
export function decodeRow(text: string): Action {
  return actionSchema.parse(JSON.parse(text));
}

export function encodeEntry(info: CommitInfo, actions: readonly Action[]): string {
  const { timestamp, operation, batchId } = info;
  const commitInfo = {
    timestamp,
    operation,
    operationParameters: {},
    engineInfo: 'gong-elt',
    ...(batchId === undefined ? {} : { gongEltBatch: batchId }),
  };
  return [{ commitInfo }, ...actions].map((action) => `${JSON.stringify(action)}\n`).join('');
}
