#!/usr/bin/env node
import { runAirbyteSource } from '../hosts/airbyte/source.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runAirbyteSource(io, 'source-gong-semarize'));
