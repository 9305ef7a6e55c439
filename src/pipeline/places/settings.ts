// The settings of places, for faces that ask a host for them.
export { type DuckDbSettings, duckDbSettings } from '../../destinations/duckdb/config.ts';
