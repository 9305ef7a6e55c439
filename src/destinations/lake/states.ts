// The states of a connection: one numbered file per commit, created exclusively, and the last thing that a commit makes. The newest
// three stay.
import { z } from 'zod';
import { ConnectorError } from '../../core/errors.ts';
import type { StoredState } from '../../core/fence.ts';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Store } from '../../core/store.ts';
import { stateRoot } from './lake-folder.ts';
import { createOnce } from './once.ts';
import { connectionFolder } from './table-folder.ts';

const kept = 3;

// Names come from outside: as keys of objects, `__proto__` and its like would be lost on the way through zod.
const stateSchema = z.object({
  format: z.literal(1),
  connection: z.string(),
  seq: z.number(),
  batchId: z.string(),
  streams: z.custom<Record<string, JsonObject>>(isJsonObject),
});

export interface States {
  /**
   * The newest; undefined when nothing was committed yet.
   * @throws ConnectorError (destination) for one that is damaged or of a newer version
   */
  read(): Promise<StoredState | undefined>;
  /** @returns whether it is stored; false: another process stored one of that number */
  write(state: StoredState): Promise<boolean>;
}

export function openStates(store: Store, connection: string): States {
  const folder = `${stateRoot}/${connectionFolder(connection)}/`;
  const nameOf = (seq: number) => `${folder}${String(seq).padStart(10, '0')}.json`;

  async function numbers(): Promise<number[]> {
    return (await store.list(folder))
      .map((name) => /\/(\d{10})\.json$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
  }

  return {
    async read() {
      let seq = (await numbers()).at(-1);
      if (seq === undefined) return undefined;
      // A list may be older than what it lists.
      while ((await store.read(nameOf(seq + 1))) !== undefined) seq += 1;
      const name = nameOf(seq);
      try {
        const content = await store.read(name);
        const { batchId, streams } = stateSchema.parse(JSON.parse(String(content)));
        return { seq, batchId, streams };
      } catch (cause) {
        throw new ConnectorError(`the state ${name} cannot be read: it is damaged, or of a newer gong-elt`, {
          area: 'destination',
          hint: 'restore the folder from a backup, or use the version of gong-elt that wrote it; nothing was changed',
          fields: { seq },
          cause,
        });
      }
    },
    async write({ seq, batchId, streams }) {
      const content = JSON.stringify({ format: 1, connection, seq, batchId, streams });
      if (!(await createOnce(store, nameOf(seq), content))) return false;
      for (const old of await numbers()) if (old <= seq - kept) await store.remove(nameOf(old)).catch(() => {});
      return true;
    },
  };
}
