// Names for files of the rows of streams.
import type { JsonObject } from '../../core/json.ts';
import type { StreamTable } from './place.ts';

/** @param rows `schema_name, table_name` of each */
export async function namedFiles(rows: readonly JsonObject[]): Promise<StreamTable[]> {
  const { tableFolder } = await import('../../destinations/lake/table-folder.ts');
  return rows.map((row) => {
    const [schema, table] = [String(row['schema_name']), String(row['table_name'])];
    const folder = tableFolder({ name: table, namespace: schema === 'main' ? undefined : schema });
    return { schema, table, fileName: `${folder}.parquet` };
  });
}
