// What every store owes: whole files, given names, two makers who race.
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/core/store.ts';

/** @param open a store without files; the second one opens the same files as another process would */
export function storeContract(name: string, open: () => Promise<readonly [Store, Store]>): void {
  describe(`store contract: ${name}`, () => {
    test('reads what was created, and nothing where nothing is', async () => {
      const [store] = await open();
      expect(await store.create('a/b/one.json', '{"ü": "€\n"}')).toBe(true);
      expect((await store.read('a/b/one.json'))?.toString('utf8')).toBe('{"ü": "€\n"}');
      expect(await store.read('a/b/two.json')).toBeUndefined();
    });

    test('creates a name once: the second content is not taken, and the first stays', async () => {
      const [store, other] = await open();
      expect(await store.create('log/0.json', 'first')).toBe(true);
      expect(await other.create('log/0.json', 'second')).toBe(false);
      expect(String(await other.read('log/0.json'))).toBe('first');
    });

    test('of many who create a name at once exactly one wins, and it holds what the winner wrote', async () => {
      const stores = await open();
      for (let round = 0; round < 5; round++) {
        const name = `log/${round}.json`;
        const contents = Array.from({ length: 16 }, (_, index) => `writer ${index}`);
        const won = await Promise.all(contents.map((text, index) => stores[index % 2]?.create(name, text)));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(String(await stores[0].read(name))).toBe(contents[won.indexOf(true)]);
      }
    });

    test('puts a file in the place of another, and removes it, also when it is gone', async () => {
      const [store] = await open();
      await store.put('hint', 'one');
      await store.put('hint', 'two');
      expect(String(await store.read('hint'))).toBe('two');
      await store.remove('hint');
      await store.remove('hint');
      expect(await store.read('hint')).toBeUndefined();
    });

    test('lists the files of a folder, not those of the folders in it', async () => {
      const [store, other] = await open();
      for (const file of ['a/1', 'a/2', 'a/b/3', 'ab/4']) await store.create(file, file);
      expect((await other.list('a/')).sort()).toEqual(['a/1', 'a/2']);
      expect(await other.list('none/')).toEqual([]);
    });

    test('keeps names with spaces, signs and letters of any alphabet apart', async () => {
      const [store] = await open();
      const names = ['a/b c.json', 'a/b+c.json', 'a/b%20c.json', "a/b'(c)!*.json", 'a/ö&<ü>.json', 'a/month=2026-11'];
      for (const file of names) expect(await store.create(file, file)).toBe(true);
      for (const file of names) expect(String(await store.read(file))).toBe(file);
      expect((await store.list('a/')).sort()).toEqual([...names].sort());
    });

    test('an empty file is a file', async () => {
      const [store] = await open();
      expect(await store.create('empty', '')).toBe(true);
      expect((await store.read('empty'))?.length).toBe(0);
    });
  });
}
