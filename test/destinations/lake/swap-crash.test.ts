// Loads that replace a table, killed at every named point, in a lake.
import { describeSwapCrash } from '../../contracts/swap-crash.ts';
import { lakeIn } from './lake.ts';

const once = ['lake:after-rename', 'lake:before-entry', 'lake:after-entry', 'lake:before-state', 'lake:after-state'];

describeSwapCrash(
  'The lake',
  'lake',
  lakeIn,
  {
    overwrite: [...once, 'lake:before-swap', 'lake:after-swap', 'loader:after-commit'],
    refresh: [...once, 'lake:before-swap', 'lake:after-swap'],
    joining: once,
  },
  { showsRowsBeforeState: true },
);
