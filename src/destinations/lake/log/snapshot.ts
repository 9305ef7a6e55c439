// A Delta table as of one version, made from its actions. Pure.
import type { Action, AddFile, MetaData, Protocol, RemoveFile, Txn } from './actions.ts';

export interface Snapshot {
  /** Number of the newest entry that is in it. */
  readonly version: number;
  readonly protocol: Protocol;
  readonly metaData: MetaData;
  /** The live files by path, in the order in which they came. */
  readonly files: ReadonlyMap<string, AddFile>;
  /** Files that are no longer live, by path. */
  readonly tombstones: ReadonlyMap<string, RemoveFile>;
  readonly txns: ReadonlyMap<string, Txn>;
  /** Number of the newest checkpoint that is known of; -1 = none. */
  readonly checkpoint: number;
}

/** What is known of a table on the way to its snapshot. */
export type Draft = Omit<Snapshot, 'protocol' | 'metaData'> & Partial<Pick<Snapshot, 'protocol' | 'metaData'>>;

export const emptyDraft: Draft = {
  version: -1,
  files: new Map(),
  tombstones: new Map(),
  txns: new Map(),
  checkpoint: -1,
};

/** An entry of the log, or a checkpoint. */
export interface Entry {
  readonly version: number;
  readonly actions: readonly Action[];
}

/** `draft` after `entries`, which follow it in their order. */
export function replay(draft: Draft, entries: readonly Entry[]): Draft {
  const files = new Map(draft.files);
  const tombstones = new Map(draft.tombstones);
  const txns = new Map(draft.txns);
  let { version, protocol, metaData } = draft;
  for (const entry of entries) {
    version = entry.version;
    for (const action of entry.actions) {
      protocol = action.protocol ?? protocol;
      metaData = action.metaData ?? metaData;
      if (action.txn) txns.set(action.txn.appId, action.txn);
      if (action.remove) {
        files.delete(action.remove.path);
        tombstones.set(action.remove.path, action.remove);
      }
      if (action.add) {
        tombstones.delete(action.add.path);
        files.set(action.add.path, action.add);
      }
    }
  }
  const { checkpoint } = draft;
  return { version, files, tombstones, txns, checkpoint, ...(protocol && { protocol }), ...(metaData && { metaData }) };
}

/** A whole snapshot, or undefined when protocol or metadata never came. */
export function completed({ protocol, metaData, ...rest }: Draft): Snapshot | undefined {
  return protocol === undefined || metaData === undefined ? undefined : { ...rest, protocol, metaData };
}
