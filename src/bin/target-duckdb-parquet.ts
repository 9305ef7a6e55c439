#!/usr/bin/env node
import { runSingerDestination } from '../hosts/singer/destination.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runSingerDestination(io, 'target-duckdb-parquet'));
