// A file that is created once, by whoever comes first. Whether it is ours is asked of the folder, not of the last call: a link or a
// sync may report an error after the file stood, and a network file system may answer the second time it was asked.
import type { Store } from '../../core/store.ts';

/**
 * @param content that nobody else would write
 * @returns whether the file holds it; false: somebody else was first
 * @throws what the store throws, when there is no such file afterwards
 */
export async function createOnce(store: Store, name: string, content: string): Promise<boolean> {
  const isOurs = async () => {
    const found = await store.read(name);
    return found === undefined ? undefined : found.toString('utf8') === content;
  };
  try {
    if (await store.create(name, content)) return true;
  } catch (error) {
    const answer = await isOurs();
    if (answer === undefined) throw error;
    return answer;
  }
  return (await isOurs()) ?? false;
}
