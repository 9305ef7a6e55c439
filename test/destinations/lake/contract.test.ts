// The contracts of all destinations, held by the lake.
import { describeDestination } from '../../contracts/destination.ts';
import { describeOddValues } from '../../contracts/odd-values.ts';
import { describeRefresh } from '../../contracts/refresh.ts';
import { describeTyping } from '../../contracts/typing.ts';
import { createLake } from './lake.ts';

describeDestination(
  'The lake',
  createLake,
  ['after-write', 'after-fsync', 'after-rename', 'before-entry', 'after-entry', 'before-state', 'after-state'].map(
    (step) => `lake:${step}`,
  ),
  { showsRowsBeforeState: true },
);

describeTyping('The lake', createLake);

describeOddValues('The lake', createLake);

describeRefresh('The lake', createLake);
