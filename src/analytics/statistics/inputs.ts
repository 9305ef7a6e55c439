// What an analysis reads: rows in the order of their keys, each of them part of the hash that says what was analysed.
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { JsonValue } from '../../core/json.ts';
import type { Session } from '../../duckdb/session.ts';

export interface Inputs {
  /** Rows as they come, values in the order of the columns; `sql` orders them by their whole key. */
  stream(sql: string): AsyncGenerator<readonly JsonValue[]>;
  /** sha256 over all rows read so far. */
  hash(): string;
}

export function openInputs(session: Session): Inputs {
  const hash: Hash = createHash('sha256');
  return {
    async *stream(sql) {
      const { rows } = await session.stream(sql);
      for await (const chunk of rows)
        for (const row of chunk) {
          hash.update(JSON.stringify(row));
          yield row;
        }
    },
    hash: () => hash.copy().digest('hex'),
  };
}

/** A value as text; NULL stays NULL. */
export function textOf(value: JsonValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
