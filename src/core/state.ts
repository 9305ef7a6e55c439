// States by stream: how they are named where they are stored, and how a batch changes them.
import type { JsonObject } from './json.ts';

export interface StreamRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The name under which a state is stored. */
export function stateName(stream: StreamRef | undefined): string {
  if (stream === undefined) return '*';
  return stream.namespace === undefined ? stream.name : `${stream.namespace}.${stream.name}`;
}

/** `before` with the changes of a batch: null forgets a state. */
export function mergeStates(
  before: Readonly<Record<string, JsonObject>>,
  changes: Readonly<Record<string, JsonObject | null>>,
): Record<string, JsonObject> {
  const merged = new Map(Object.entries(before));
  for (const [stream, state] of Object.entries(changes)) {
    if (state === null) merged.delete(stream);
    else merged.set(stream, state);
  }
  return Object.fromEntries(merged);
}
