// SIGKILL at every named point of a load that replaces a table: readers find the old rows or the new ones, never a mixture and never
// none, the state is that of the rows or behind them, and the same load once more ends as if nothing had happened.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endsWithUs } from '../support/ends-with-us.ts';
import { openFolder } from '../support/folder.ts';
import type { StoredPlace, StoredPlaceIn } from './stored-place.ts';

interface CrashPoints {
  /** Of a load that replaces a table by what it brings. */
  readonly overwrite: readonly string[];
  /** Of what happens only once, and differently, when the rows of an earlier attempt are found again. */
  readonly refresh: readonly string[];
  /** Of a load that takes in the rows of a refresh that was given up. */
  readonly joining: readonly string[];
}

interface Killed {
  readonly place: StoredPlace;
  readonly isAcknowledged: boolean;
  readonly where: string;
}

const ids = async (place: StoredPlace) =>
  (await place.read('SELECT id FROM calls ORDER BY id')).map(({ id }) => String(id));
const stateOf = async (place: StoredPlace) =>
  (await place.open({ connection: 'test' }).readState())?.streams['calls']?.['load'];

const old = ['old'];

/** @param options.showsRowsBeforeState may the new rows be there, with the state behind them? */
export function describeSwapCrash(
  name: string,
  kind: 'duckdb' | 'lake',
  placeIn: StoredPlaceIn,
  points: CrashPoints,
  { showsRowsBeforeState = false }: { showsRowsBeforeState?: boolean } = {},
): void {
  async function run({ path }: StoredPlace, load: string, point = 'none', time = 0) {
    const script = join(import.meta.dirname, '..', 'destinations', 'swap-child.mjs');
    const args = [script, kind, path, load, point, String(time)];
    const child = endsWithUs(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the load ended with ${code ?? signal}`);
    return { isAcknowledged: said.includes('ACK'), wasKilled: signal === 'SIGKILL' };
  }

  /** Each time that the load reaches `point`, in a place of its own. */
  async function sweep(point: string, before: readonly string[], load: string, check: (at: Killed) => Promise<void>) {
    for (let time = 1; ; time++) {
      const place = placeIn(await openFolder());
      for (const earlier of before) await run(place, earlier);
      const { isAcknowledged, wasKilled } = await run(place, load, point, time);
      if (!wasKilled) return time - 1;
      await check({ place, isAcknowledged, where: `killed at ${point}, time ${time}` });
    }
  }

  test.each([
    ...points.overwrite.map((point) => [point, 'overwrite'] as const),
    ...points.refresh.map((point) => [point, 'refresh'] as const),
  ])(`${name}: killed at %s, mode %s`, { timeout: 240_000 }, async (point, load) => {
    const times = await sweep(point, ['old'], load, async ({ place, isAcknowledged, where }) => {
      const found = await ids(place);
      expect([old, ['new']], where).toContainEqual(found);
      const isNew = found[0] === 'new';
      if (load === 'overwrite') {
        const states = [isNew ? 'overwrite' : 'old', ...(showsRowsBeforeState ? ['old'] : [])];
        expect(states, where).toContain(await stateOf(place));
        if (isAcknowledged) expect([isNew, await stateOf(place)], where).toEqual([true, 'overwrite']);
      }
      await run(place, load);
      // A generation that is appended to goes on; what was stored of it stays, and the load brings its rows again.
      const after = await ids(place);
      expect([...new Set(after)], where).toEqual(['new']);
      if (load === 'overwrite') expect(after, where).toEqual(['new']);
      expect(await place.tables(), where).toEqual(['calls']);
      expect(await stateOf(place), where).toBe(load);
    });
    expect(times).toBeGreaterThan(0);
  });

  test.each(points.joining)(
    `${name}: killed at %s, when a refresh was given up and its rows join the table`,
    { timeout: 240_000 },
    async (point) => {
      const times = await sweep(point, ['old', 'part'], 'normal', async ({ place, where }) => {
        const found = await ids(place);
        expect(found, where).toEqual(expect.arrayContaining(old));
        await run(place, 'normal');
        const after = await ids(place);
        // Once: it was told as stored. The load itself brings its own row again.
        expect([...new Set(after)], where).toEqual(['new', ...old, 'part']);
        expect(
          after.filter((id) => id === 'part'),
          where,
        ).toHaveLength(1);
        expect(await place.tables(), where).toEqual(['calls']);
      });
      expect(times).toBeGreaterThan(0);
    },
  );
}
