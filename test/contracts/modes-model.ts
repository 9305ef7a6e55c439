// Random histories of one stream: modes, generations, ends and kills, against a small model of what its table holds. Each load is
// a loader of its own over the same place. GONG_ELT_MODES_RUNS=200 tries so many histories.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfiguredStream } from '../../src/core/catalog.ts';
import { systemClock } from '../../src/core/clock.ts';
import { noCrashPoint } from '../../src/core/crash-point.ts';
import { noLog } from '../../src/core/log.ts';
import { createLoader } from '../../src/load/loader.ts';
import { openFolder } from '../support/folder.ts';
import { integer, streamOf, text } from './batches.ts';
import type { StoredPlace, StoredPlaceIn } from './stored-place.ts';

interface Row {
  readonly id: string;
  readonly n: number | null;
}

interface Load {
  readonly mode: 'append' | 'append_dedup' | 'overwrite';
  /** Of the host's counting: it goes on, or stays. */
  readonly nextGeneration: boolean;
  readonly ids: 'none' | 'keep all' | 'replace all';
  readonly rows: readonly Row[];
  /** `killed`: after its rows were committed. */
  readonly end: 'complete' | 'incomplete' | 'silent' | 'killed';
}

const load: fc.Arbitrary<Load> = fc.record({
  mode: fc.constantFrom('append', 'append_dedup', 'overwrite'),
  nextGeneration: fc.boolean(),
  ids: fc.constantFrom('none', 'keep all', 'replace all', 'replace all'),
  rows: fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), n: fc.option(fc.integer({ min: 0, max: 3 })) }), {
    maxLength: 4,
  }),
  end: fc.constantFrom('complete', 'complete', 'incomplete', 'silent', 'killed'),
});

/** What §8 of the protocol asks for, and what we chose where it is silent. */
function createModel() {
  let live: Row[] = [];
  let liveGeneration: number | undefined;
  let beside: { generation: number; rows: Row[] } | undefined;

  const isNewer = (a: Row, b: Row) => (a.n ?? -1) > (b.n ?? -1);
  function add(table: readonly Row[], rows: readonly Row[], mode: Load['mode']): Row[] {
    if (mode !== 'append_dedup') return [...table, ...rows];
    let stored = [...table];
    for (const row of rows) {
      const same = stored.filter(({ id }) => id === row.id);
      if (!same.some((other) => isNewer(other, row))) stored = [...stored.filter(({ id }) => id !== row.id), row];
    }
    return stored;
  }

  return {
    rows: () => live,
    apply({ mode, ids, rows, end }: Load, generation: number): void {
      // It was killed before it had anything to commit.
      if (end === 'killed' && rows.length === 0) return;
      const isWhole = end === 'complete';
      const given = ids === 'none' ? undefined : generation;
      if (mode === 'overwrite') {
        beside = undefined;
        // Without ids and without a word of anybody, nothing but a state as the last message says that all came; there is none here.
        if (isWhole) [live, liveGeneration] = [[...rows], given];
      } else if (ids === 'replace all') {
        if (beside?.generation !== generation) beside = undefined;
        if (beside === undefined && liveGeneration !== generation && live.length > 0) beside = { generation, rows: [] };
        if (beside === undefined) [live, liveGeneration] = [add(live, rows, mode), generation];
        else {
          beside.rows = add(beside.rows, rows, mode);
          if (isWhole) [live, liveGeneration, beside] = [beside.rows, generation, undefined];
        }
      } else {
        // The rows of a refresh that was given up were told as stored.
        if (beside !== undefined) [live, beside] = [add(live, beside.rows, mode), undefined];
        live = add(live, rows, mode);
        if (given !== undefined && rows.length > 0) liveGeneration = Math.max(liveGeneration ?? 0, given);
      }
    },
  };
}

function configure({ mode, ids }: Load, generation: number): ConfiguredStream {
  const base = streamOf('calls', { id: text, n: integer }, { mode, cursor: ['n'] });
  if (ids === 'none') return base;
  return { ...base, generationId: generation, minimumGenerationId: ids === 'replace all' ? generation : 0 };
}

/** @returns whether the load was complete; undefined when it was killed */
async function run(place: StoredPlace, each: Load, generation: number): Promise<boolean | undefined> {
  const destination = place.open({ connection: 'model' });
  const configured = configure(each, generation);
  const tools = { clock: systemClock, crashPoint: noCrashPoint, log: noLog };
  const loader = createLoader({ ...tools, destination, catalog: [configured], batchRows: 2 });
  loader.noteStatus({ name: 'calls' }, 'started');
  for (const row of each.rows)
    await loader.addLine(configured, Buffer.from(JSON.stringify(row)), { emittedAt: 1_760_000_000_000 });
  if (each.end === 'killed') {
    await loader.flush();
    await loader.abort();
  } else {
    if (each.end !== 'silent') loader.noteStatus({ name: 'calls' }, each.end);
    const { unfinished } = await loader.finish();
    await destination.close();
    return unfinished.length === 0;
  }
  await destination.close();
  return undefined;
}

async function rowsOf(place: StoredPlace): Promise<Row[]> {
  // A load that was killed before its first commit leaves no table.
  if ((await place.tables()).length === 0) return [];
  return (await place.read('SELECT id, n FROM calls')) as unknown as Row[];
}

const sorted = (rows: readonly Row[]) => rows.map(({ id, n }) => `${id} ${n}`).sort();

export function describeModesModel(name: string, placeIn: StoredPlaceIn): void {
  test(`${name}: a table holds what the model says after every load of a random history`, {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(load, { minLength: 1, maxLength: 7 }), async (history) => {
        const place = placeIn(await openFolder());
        const model = createModel();
        let generation = 1;
        for (const [index, each] of history.entries()) {
          if (each.nextGeneration) generation += 1;
          model.apply(each, generation);
          await run(place, each, generation);
          const stored = await rowsOf(place);
          expect(sorted(stored), `after load ${index + 1}`).toEqual(sorted(model.rows()));
        }
      }),
      { numRuns: Number(process.env['GONG_ELT_MODES_RUNS'] ?? 12), endOnFailure: true },
    );
  });
}
