#!/usr/bin/env node
import { runProgram } from '../cli/program.ts';
import { runSingerTap } from '../cli/singer-tap.ts';

await runProgram((io) => runSingerTap(io, 'tap-gong-semarize'));
