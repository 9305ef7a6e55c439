// Random histories of modes, in a lake.
import { describeModesModel } from '../../contracts/modes-model.ts';
import { lakeIn } from './lake.ts';

describeModesModel('The lake', lakeIn);
