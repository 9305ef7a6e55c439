#!/usr/bin/env node
import { gongSource } from '../cli/airbyte-gong.ts';
import { runAirbyteSource } from '../cli/airbyte-source.ts';
import { runProgram } from '../cli/program.ts';

await runProgram((io) => runAirbyteSource(io, 'source-gong-semarize', gongSource));
