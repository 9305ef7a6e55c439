// Who we are for an object store: what a source of credentials answers, and how long that is used.
import type { Clock } from '../../core/clock.ts';
import { ConnectorError } from '../../core/errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** A place where credentials may be; undefined: it has none. */
export type CredentialSource = () => Promise<Credentials | undefined>;

export interface CredentialChain {
  /** @throws ConnectorError (credentials) when no place has any */
  get(): Promise<Credentials>;
  /** The store says that they have expired. */
  forget(): void;
}

/** New ones are got so long before the old ones end, milliseconds. */
const earlyMs = 5 * 60_000;

/**
 * The first source that has some decides.
 * @param hide hears of every secret before it is used, so that it stands in no message
 */
export function createCredentialChain(
  sources: readonly CredentialSource[],
  clock: Clock,
  hide: (secret: string) => void,
): CredentialChain {
  let current: Promise<Credentials> | undefined;

  async function find(): Promise<Credentials> {
    for (const source of sources) {
      const found = await source();
      if (found === undefined) continue;
      hide(found.secretAccessKey);
      if (found.sessionToken !== undefined) hide(found.sessionToken);
      return found;
    }
    throw new ConnectorError('there are no credentials for the object store', {
      area: 'credentials',
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; on AWS give the task or the machine a role',
    });
  }

  return {
    async get() {
      const known = await current;
      if (known !== undefined && clock.now() < (known.expiresAt ?? Number.POSITIVE_INFINITY) - earlyMs) return known;
      const asked = find();
      current = asked;
      asked.catch(() => {
        if (current === asked) current = undefined;
      });
      return await asked;
    },
    forget() {
      current = undefined;
    },
  };
}
