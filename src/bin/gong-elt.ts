#!/usr/bin/env node
import { runMain } from '../cli/main.ts';
import { runProgram } from '../process/program.ts';

await runProgram(runMain);
