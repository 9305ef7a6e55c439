// Random histories of modes, in a DuckDB file.
import { describeModesModel } from '../../contracts/modes-model.ts';
import { warehouseIn } from './warehouse.ts';

describeModesModel('DuckDB', warehouseIn);
