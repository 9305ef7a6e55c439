#!/usr/bin/env node
import { runSingerTarget } from '../hosts/singer/destination.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runSingerTarget(io, 'target-duckdb-parquet'));
