#!/usr/bin/env node
import { runSingerSource } from '../hosts/singer/source.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runSingerSource(io, 'tap-gong-semarize'));
