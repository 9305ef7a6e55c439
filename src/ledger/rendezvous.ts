// Where the two sides of a paid run meet under a host.
//
// Standalone an intent is durable when it is in a file, and the evaluator writes that file itself. Under a host there is nothing to
// write to but the states that the source emits, and those are emitted by somebody else: the generator that the host pulls. So the
// evaluator cannot make an intent durable; it can only ask, and wait until the reader has done it. The order is the promise:
//
//   evaluator                          reader (the generator)                   host
//   puts the intent into the state
//   asks, and waits           ──▶      sees that somebody waits
//                                      yields a STATE that holds the intent ──▶  takes the line
//                                      is pulled again: the line has left   ◀──
//                             ◀──      says so
//   POSTs
//
// A host keeps a whole state in each line, so lines are dear: the reader waits until a few dozen intents have come together, or until
// nothing is left to send meanwhile. The state says "intent" of each; what the host has when it is killed is at worst a list of keys
// that were never sent, and the next read sends the same bytes under them.

export interface Rendezvous {
  /** For the evaluator. Resolves when a state that holds what was put into it before this call was emitted. */
  ask(intents: number): Promise<void>;
  /** For the reader: intents that wait for a state. */
  readonly waiting: number;
  /** For the reader: a state that holds all that was put into it so far has left. */
  emitted(): void;
}

export function createRendezvous(): Rendezvous {
  let asking: (() => void)[] = [];
  let waiting = 0;
  return {
    ask(intents) {
      waiting += intents;
      return new Promise((resolve) => asking.push(resolve));
    },
    get waiting() {
      return waiting;
    },
    emitted() {
      const resolved = asking;
      asking = [];
      waiting = 0;
      for (const resolve of resolved) resolve();
    },
  };
}
