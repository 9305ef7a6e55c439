// The contracts of all destinations, held by the DuckDB one.
import { describeDestination } from '../../contracts/destination.ts';
import { describeOddValues } from '../../contracts/odd-values.ts';
import { describeRefresh } from '../../contracts/refresh.ts';
import { describeTyping } from '../../contracts/typing.ts';
import { createWarehouse } from './warehouse.ts';

describeDestination('DuckDB', createWarehouse, [
  'duckdb:before-ddl',
  'duckdb:after-ddl',
  'duckdb:before-begin',
  'duckdb:before-state',
  'duckdb:before-commit',
  'duckdb:after-commit',
]);

describeTyping('DuckDB', createWarehouse);

describeOddValues('DuckDB', createWarehouse);

describeRefresh('DuckDB', createWarehouse);
