// The objects of a bucket below a prefix, as files by name. A name is given once by `If-None-Match: *`; whether it was given to us is
// asked of the store, not of the last answer, which may have been lost.
import type { StoredFile, TaggedStore } from '../../core/store.ts';
import type { ByteAnswer } from '../../http/byte-client.ts';
import { type ListPage, parseError, parseListPage } from './answers.ts';
import type { BucketRequests } from './requests.ts';

export interface Bucket extends TaggedStore {
  readonly requests: BucketRequests;
  /** Key of a name. */
  keyOf(name: string): string;
  /** Names of the folders in `folder`. */
  folders(folder: string): Promise<string[]>;
  walk(folder: string): AsyncIterable<StoredFile>;
}

export interface BucketOptions {
  readonly prefix: string;
  readonly requests: BucketRequests;
  /** The store heeds no conditions, and a person says that nobody else writes. */
  readonly isSingleWriter: boolean;
}

/** Bytes of a file that is read into memory. */
const largestRead = 256 * 2 ** 20;

export function createBucket({ prefix, requests, isSingleWriter }: BucketOptions): Bucket {
  const keyOf = (name: string) => `${prefix}${name}`;
  const nameOf = (key: string) => key.slice(prefix.length);

  async function* pages(folder: string, delimiter?: string): AsyncGenerator<ListPage> {
    const asked = { key: undefined, action: 'list' };
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        prefix: keyOf(folder),
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(token === undefined ? {} : { 'continuation-token': token }),
      };
      const answer = await requests.ask({ ...asked, method: 'GET', query });
      const page = answer.status === 200 ? parseListPage(answer.body.toString('utf8')) : undefined;
      if (page === undefined) throw requests.refusal(answer, asked);
      yield page;
      // The same page again would go on for ever.
      token = page.token === token ? undefined : page.token;
    } while (token !== undefined);
  }

  async function get(name: string): Promise<ByteAnswer | undefined> {
    const asked = { key: keyOf(name), action: 'read' };
    const answer = await requests.ask({ ...asked, method: 'GET', capBytes: largestRead });
    if (answer.status === 200) return answer;
    if (isMissing(answer)) return undefined;
    throw requests.refusal(answer, asked);
  }

  /** @returns false when the condition does not hold */
  async function write(name: string, content: string, headers: Record<string, string>): Promise<boolean> {
    const asked = { key: keyOf(name), action: 'write' };
    const answer = await requests.ask({ ...asked, method: 'PUT', headers, body: Buffer.from(content) });
    if (answer.status === 200) return true;
    // Some stores say 404 of an If-Match whose object is gone.
    if (answer.status === 412 || (headers['if-match'] !== undefined && isMissing(answer))) return false;
    throw requests.refusal(answer, asked);
  }

  /**
   * What stands there afterwards decides, whatever the last answer was.
   * @param isLostTo does the content of somebody else mean that we lost? Else it may be what was there before
   */
  async function writeOnce(
    name: string,
    content: string,
    headers: Record<string, string>,
    isLostTo: boolean,
  ): Promise<boolean> {
    const isOurs = async () => (await get(name))?.body.equals(Buffer.from(content));
    try {
      return (await write(name, content, headers)) || (await isOurs()) === true;
    } catch (error) {
      const answer = await isOurs().catch(() => undefined);
      if (answer === true || (answer === false && isLostTo)) return answer;
      throw error;
    }
  }

  return {
    requests,
    keyOf,
    async list(folder) {
      const names: string[] = [];
      for await (const { objects } of pages(folder, '/'))
        for (const { key } of objects) if (!key.endsWith('/')) names.push(nameOf(key));
      return names;
    },
    async folders(folder) {
      const names: string[] = [];
      for await (const { prefixes } of pages(folder, '/'))
        for (const found of prefixes) names.push(nameOf(found).slice(folder.length, -1));
      return names;
    },
    async *walk(folder) {
      for await (const { objects } of pages(folder))
        for (const { key, size, modifiedAt } of objects)
          if (!key.endsWith('/')) yield { name: nameOf(key), size, modifiedAt };
    },
    async read(name) {
      return (await get(name))?.body;
    },
    async readTagged(name) {
      const answer = await get(name);
      if (answer === undefined) return undefined;
      const at = Date.parse(answer.header('date') ?? '') - Date.parse(answer.header('last-modified') ?? '');
      return { content: answer.body, etag: answer.header('etag') ?? '', ageMs: Number.isNaN(at) ? 0 : Math.max(0, at) };
    },
    async create(name, content) {
      if (!isSingleWriter) return await writeOnce(name, content, { 'if-none-match': '*' }, true);
      const found = await get(name);
      if (found !== undefined) return found.body.equals(Buffer.from(content));
      return await write(name, content, {});
    },
    async replace(name, content, etag) {
      return await writeOnce(name, content, isSingleWriter ? {} : { 'if-match': etag }, false);
    },
    async put(name, content) {
      await write(name, content, {});
    },
    async remove(name) {
      const asked = { key: keyOf(name), action: 'remove' };
      const answer = await requests.ask({ ...asked, method: 'DELETE' });
      if (answer.status !== 204 && answer.status !== 200 && !isMissing(answer)) throw requests.refusal(answer, asked);
    },
  };
}

/** Is it the object that is not there? A bucket that is not there is an error. */
export function isMissing({ status, body }: ByteAnswer): boolean {
  return status === 404 && parseError(body.toString('utf8')).code !== 'NoSuchBucket';
}
