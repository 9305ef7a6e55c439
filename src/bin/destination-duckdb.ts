#!/usr/bin/env node
import { runAirbyteDestination } from '../hosts/airbyte/destination.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runAirbyteDestination(io, 'destination-duckdb'));
