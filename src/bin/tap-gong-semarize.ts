#!/usr/bin/env node
import { runSingerTap } from '../hosts/singer/source.ts';
import { runProgram } from '../process/program.ts';

await runProgram((io) => runSingerTap(io, 'tap-gong-semarize'));
