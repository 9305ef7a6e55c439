#!/usr/bin/env node
import { runAirbyteDestination } from '../cli/airbyte-destination.ts';
import { runProgram } from '../cli/program.ts';

await runProgram((io) => runAirbyteDestination(io, 'destination-duckdb'));
