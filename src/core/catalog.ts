// What streams there are, and which were chosen with which modes. Airbyte and Singer each have a wire form of this.
import type { JsonObject } from './json.ts';

/**
 * JSON Schema of a record, draft-07: `type: object` with `properties`. Beside the usual keywords we use `airbyte_type`, and
 * `"x-columns": "closed"` on a nested value that may become LIST/STRUCT columns because its keys are all declared, and
 * `"x-decimal": {"precision": 38, "scale": 9}` on a number or text with so many digits in all and behind the point; what is left
 * out is left open.
 */
export type JsonSchema = JsonObject;

export type SyncMode = 'full_refresh' | 'incremental';
export type DestinationSyncMode = 'append' | 'overwrite' | 'append_dedup';

export interface Stream {
  readonly name: string;
  /** What the source calls it, where `name` is only a part of that. */
  readonly origin?: string | undefined;
  readonly namespace?: string | undefined;
  readonly jsonSchema: JsonSchema;
  /** Paths of the fields that identify a record; empty when the stream has no key. */
  readonly primaryKey: readonly (readonly string[])[];
  /** Path of the field that grows with change. */
  readonly cursorField: readonly string[];
  readonly syncModes: readonly SyncMode[];
}

export interface ConfiguredStream {
  readonly stream: Stream;
  readonly syncMode: SyncMode;
  readonly destinationSyncMode: DestinationSyncMode;
  readonly primaryKey: readonly (readonly string[])[];
  readonly cursorField: readonly string[];
  readonly generationId?: number | undefined;
  readonly minimumGenerationId?: number | undefined;
  readonly syncId?: number | undefined;
  /**
   * Is a record that breaks the schema the end of the load? Then nothing of its batch is stored. Otherwise a value that does not
   * fit is NULL, a record without its key is left out, and both are counted.
   */
  readonly isStrict?: boolean | undefined;
  /** A field that is set in records which say that their row is deleted: with one row per key, the newest such record takes it away. */
  readonly deletionField?: string | undefined;
  /** Do its records carry the number of the version of the table that they belong to? */
  readonly isVersioned?: boolean | undefined;
}

export type ConfiguredCatalog = readonly ConfiguredStream[];

/** One string per (namespace, name), for maps; the two parts cannot run into each other. */
export function streamKey(stream: { name: string; namespace?: string | null | undefined }): string {
  return JSON.stringify([stream.namespace ?? '', stream.name]);
}
