// Loads that replace a table, killed at every named point, in a DuckDB file.
import { describeSwapCrash } from '../../contracts/swap-crash.ts';
import { warehouseIn } from './warehouse.ts';

const once = ['duckdb:before-ddl', 'duckdb:before-begin', 'duckdb:after-commit'];

describeSwapCrash('DuckDB', 'duckdb', warehouseIn, {
  overwrite: [
    'loader:before-commit',
    'duckdb:before-ddl',
    'duckdb:after-ddl',
    'duckdb:before-begin',
    'duckdb:before-swap',
    'duckdb:after-swap',
    'duckdb:before-state',
    'duckdb:before-commit',
    'duckdb:after-commit',
    'loader:after-commit',
    'loader:after-acknowledge',
  ],
  refresh: [...once, 'duckdb:after-swap'],
  joining: once,
});
