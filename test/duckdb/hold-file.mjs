// A program of somebody else's that holds a DuckDB file: says `held`, and lets go when its stdin ends.
import { DuckDBInstance } from '@duckdb/node-api';

const [path, mode] = process.argv.slice(2);
const instance = await DuckDBInstance.fromCache(path, { access_mode: mode });
process.stdout.write('held\n');
process.stdin.on('end', () => instance.closeSync()).resume();
