// The contracts of all destinations, held by the Parquet one.
import { describeDestination } from '../../contracts/destination.ts';
import { describeOddValues } from '../../contracts/odd-values.ts';
import { describeTyping } from '../../contracts/typing.ts';
import { createLake } from './lake.ts';

describeDestination('Parquet', createLake, [
  'parquet:after-write',
  'parquet:after-fsync',
  'parquet:after-rename',
  'parquet:before-manifest',
  'parquet:after-manifest',
]);

describeTyping('Parquet', createLake);

describeOddValues('Parquet', createLake);
