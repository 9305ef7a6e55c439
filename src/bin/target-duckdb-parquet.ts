#!/usr/bin/env node
import { runProgram } from '../cli/program.ts';
import { runSingerTarget } from '../cli/singer-target.ts';

await runProgram((io) => runSingerTarget(io, 'target-duckdb-parquet'));
