// The Singer bins as processes, and what they print.
import { join } from 'node:path';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Ended, RunOptions } from '../../support/run-node.ts';
import { root, runNode } from '../../support/run-node.ts';

export const tapBin = join(root, 'dist/bin/tap-gong-semarize.js');
export const targetBin = join(root, 'dist/bin/target-duckdb-parquet.js');

export const runTap = (args: readonly string[], options?: RunOptions) => runNode([tapBin, ...args], options);
export const runTarget = (args: readonly string[], options?: RunOptions) => runNode([targetBin, ...args], options);

/** The JSON lines on stdout; throws when a line is none. */
export function linesOf({ stdout }: Pick<Ended, 'stdout'>): JsonObject[] {
  if (stdout === '') return [];
  if (!stdout.endsWith('\n')) throw new Error('stdout ends inside a line');
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

/** Lines of messages for a target's stdin. */
export function toInput(messages: readonly JsonObject[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\n`).join('');
}
