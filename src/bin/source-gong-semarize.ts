#!/usr/bin/env node
import { gongSource } from '../hosts/airbyte/gong-source.ts';
import { runAirbyteSource } from '../hosts/airbyte/source.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runAirbyteSource(io, 'source-gong-semarize', gongSource));
