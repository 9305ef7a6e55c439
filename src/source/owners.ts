// Names of owners that no call names: Gong's list of users, read at most once.
import type { Log } from '../core/log.ts';
import type { GongClient } from '../gong/client.ts';
import type { GongUser } from '../gong/schemas.ts';

/** Names of owners are worth one listing, not a failed sync. */
export function createUsers(
  client: GongClient,
  log: Log,
  signal: AbortSignal,
): () => Promise<ReadonlyMap<string, GongUser>> {
  let users: Promise<ReadonlyMap<string, GongUser>> | undefined;
  return () => {
    users ??= client.getUsers(signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      log('warn', `Owners that are not among a call's parties stay without a name: ${(error as Error).message}`);
      return new Map();
    });
    return users;
  };
}
