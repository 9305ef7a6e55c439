// States that are durable, back to the host that sent them.
import type { LineWriter } from '../jsonl/writer.ts';

export interface Acknowledger {
  /** @param line of one state that is durable */
  print(line: Buffer): Promise<void> | undefined;
  /** Resolves when all that was printed has left the process; nothing happens when nobody reads it any more. */
  finish(): Promise<void>;
}

/**
 * @param hasWholeStates do states stand for everything before them? Then of those that became durable together only the newest
 * is printed, and none twice.
 */
export function createAcknowledger(output: LineWriter, hasWholeStates: boolean): Acknowledger {
  let waiting: Buffer | undefined;
  let printed: Buffer | undefined;
  let turn: NodeJS.Immediate | undefined;

  function printNewest() {
    clearImmediate(turn);
    turn = undefined;
    if (waiting === undefined || printed?.equals(waiting) || output.signal.aborted) return;
    printed = waiting;
    output.write(waiting);
  }

  return {
    print(line) {
      if (!hasWholeStates) return output.write(line);
      waiting = line;
      turn ??= setImmediate(printNewest);
      return undefined;
    },
    async finish() {
      printNewest();
      if (!output.signal.aborted) await output.finish();
    },
  };
}
