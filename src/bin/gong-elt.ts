#!/usr/bin/env node
import { runMain } from '../cli/main.ts';
import { runProgram } from '../cli/program.ts';

await runProgram(runMain);
