// DuckDB's own reader into a table of the same columns: what there is to beat. Arguments: input, database, column types (JSON).
import { DuckDBInstance } from '@duckdb/node-api';

const [input, path, types] = process.argv.slice(2);
const instance = await DuckDBInstance.fromCache(path);
const connection = await instance.connect();
const columns = Object.entries(JSON.parse(types)).map(([name, type]) => `'${name}': '${type}'`);
await connection.run(`CREATE TABLE t AS SELECT * FROM read_ndjson('${input}', columns = {${columns.join(', ')}})`);
connection.closeSync();
instance.closeSync();
