// Rows from outside into a lake: a Delta table of their own, which every engine reads, by the loader that streams go through.
import { dirname } from 'node:path';
import type { ConfiguredStream } from '../../core/catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Session } from '../../duckdb/session.ts';
import { decideRows, type ImportTable, type MergeCounts, rowsToWrite } from '../../import/merge.ts';
import type { Environment } from '../environment.ts';
import type { ImportedRows, Place } from './place.ts';

export async function importIntoLake(
  place: Place,
  { table, ...staged }: ImportedRows,
  environment: Environment,
): Promise<MergeCounts> {
  const { readImportTable } = await import('../../analytics/table-files.ts');
  const { createLoader } = await import('../../load/loader.ts');
  const { columns } = await readImportTable(table.name);
  const reader = await place.openReader(environment, { folders: [dirname(staged.path)], streams: [table.name] });
  try {
    return await reader.exclusive(async (session) => {
      await session.run(`CREATE TABLE IF NOT EXISTS ${table.name} (${columns})`).catch(() => {});
      const counts = await decideRows(session, table, staged, columns);
      const stream = await describe(session, table);
      const destination = await place.openDestination({ connection: 'import' }, environment);
      try {
        await destination.preflight([stream]);
        const loader = createLoader({ ...environment, destination, catalog: [stream] });
        const emittedAt = environment.clock.now();
        const { rows } = await session.stream(`SELECT to_json(t)::VARCHAR AS line FROM (${rowsToWrite}) t`);
        for await (const chunk of rows)
          for (const [line] of chunk) {
            environment.signal.throwIfAborted();
            await loader.addLine(stream, Buffer.from(String(line), 'utf8'), { emittedAt });
          }
        await loader.finish();
      } finally {
        await destination.close();
      }
      return counts;
    });
  } finally {
    await reader.close();
  }
}

/** The table as a stream, from the columns that its rows are decided in. */
async function describe(session: Session, { name, key, newest }: ImportTable): Promise<ConfiguredStream> {
  const columns = await session.rows(`SELECT column_name, column_type FROM (DESCRIBE ${rowsToWrite})`);
  const properties: JsonObject = Object.fromEntries(
    columns.map(({ column_name: column, column_type: type }) => [String(column), schemaOf(String(type))]),
  );
  const cursorField = newest === undefined ? [] : [newest];
  const stream = {
    ...{ name, jsonSchema: { type: 'object', properties }, primaryKey: [[key]], cursorField },
    syncModes: ['incremental'] as const,
  };
  return { stream, syncMode: 'incremental', destinationSyncMode: 'append_dedup', primaryKey: [[key]], cursorField };
}

function schemaOf(type: string): JsonObject {
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return { type: ['string', 'null'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' };
  if (type === 'BIGINT') return { type: ['integer', 'null'] };
  if (type === 'DOUBLE') return { type: ['number', 'null'] };
  if (type === 'BOOLEAN') return { type: ['boolean', 'null'] };
  if (type === 'JSON') return { type: ['object', 'null'] };
  return type.endsWith('[]') ? { type: ['array', 'null'] } : { type: ['string', 'null'] };
}
