// Group S: state, ledger or destination are lost, or belong to something else. The oracle is what the sandbox accepted.
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openForWriting } from '../../src/duckdb/connection.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { day, expectOnce, harnessOf, hour, someCalls, start } from '../support/semarize-faults.ts';
import { type Harness, kitA } from '../support/sync-harness.ts';

describe('memory that is lost', () => {
  const ledgerOf = (harness: Harness) => placeOf(harness.to).ledgerPath;

  test('S8 the ledger is lost, the destination is there: nothing is bought again', async () => {
    const harness = await harnessOf(someCalls(3));
    await harness.syncWell();
    await rm(ledgerOf(harness));
    await harness.syncWell();
    await harness.syncWell({
      range: { from: start - 30 * day },
      kits: [{ code: kitA, min_duration_seconds: 0, input: 'text' }],
    });
    await expectOnce(harness, 3);
  });

  test('S7 the destination is lost, the ledger is there: nothing is bought again, and the rows come back', async () => {
    const harness = await harnessOf(someCalls(3));
    await harness.syncWell();
    const rows = await harness.rows('select * exclude (extracted_at, finished_at) from semarize_runs order by run_id');
    const { posts } = harness.sandbox.ledger;
    await rm(harness.to);
    await harness.syncWell();
    expect(harness.sandbox.ledger.posts).toBe(posts);
    expect(
      await harness.rows('select * exclude (extracted_at, finished_at) from semarize_runs order by run_id'),
    ).toEqual(rows);
  });

  test('S7 only the state is lost: rows and ledger know what was bought', async () => {
    const harness = await harnessOf(someCalls(3));
    await harness.syncWell();
    const database = await openForWriting(harness.to, { folders: [], spillFolder: `${harness.to}.spill` });
    await database.exclusive((session) => session.run('DELETE FROM _gong_elt.state'));
    await database.close();
    await harness.syncWell();
    await expectOnce(harness, 3);
    expect(harness.sandbox.ledger.posts).toBe(3);
  });

  test('S8 an old copy of the ledger is brought up to date by the rows', async () => {
    const harness = await harnessOf(someCalls(4), { config: { max_runs_per_sync: 2 } });
    await harness.syncWell();
    await copyFile(ledgerOf(harness), `${ledgerOf(harness)}.old`);
    await harness.syncWell();
    await copyFile(`${ledgerOf(harness)}.old`, ledgerOf(harness));
    await harness.syncWell();
    await expectOnce(harness, 4);
    expect(harness.sandbox.ledger.posts).toBe(4);
  });

  test('S8 a broken line refuses the sync before anything is asked or bought', async () => {
    const harness = await harnessOf(someCalls(3));
    await harness.syncWell();
    const asked = harness.sandbox.ledger.requests.length;
    const text = await readFile(ledgerOf(harness), 'utf8');
    await writeFile(ledgerOf(harness), text.replace('"status"', '"sta'));
    await expect(harness.sync()).rejects.toThrow(/damaged at line 1/);
    expect(harness.sandbox.ledger.requests.length).toBe(asked);
  });

  test('S7 both are lost: a loud warning, and the limit bounds the damage (the keys are the same, so is the bill)', async () => {
    const harness = await harnessOf(someCalls(5), {
      config: { max_runs_per_sync: 2 },
      settings: { idempotencyMemoryMs: 1000 },
    });
    await harness.syncWell();
    await harness.syncWell();
    await rm(harness.to);
    await rm(ledgerOf(harness));
    const before = harness.sandbox.ledger.distinctRuns;
    harness.logged.length = 0;
    harness.clock.advance(hour);
    await harness.syncWell();
    expect(harness.sandbox.ledger.distinctRuns - before).toBe(2);
    expect(
      harness.logged
        .filter(({ level }) => level === 'warn')
        .map(({ message }) => message)
        .join(),
    ).toContain('No state');
  });
});

describe('S23 the class of the key', () => {
  test.each(['live', 'test'] as const)(
    'data of a %s key is not mixed with the other’s: nothing is asked',
    async (first) => {
      const harness = await harnessOf(someCalls(1));
      const keys = harness.sandbox.semarizeKeys;
      harness.config['semarize_api_key'] = keys[first];
      await harness.syncWell();
      expect(await harness.rows('select is_sandbox from semarize_runs')).toEqual([{ is_sandbox: first === 'test' }]);
      const asked = harness.sandbox.ledger.requests.length;
      harness.config['semarize_api_key'] = keys[first === 'live' ? 'test' : 'live'];
      await expect(harness.sync()).rejects.toThrow(/live or test/);
      expect(harness.sandbox.ledger.requests.length).toBe(asked);
    },
  );

  test('without a key calls and transcripts go on, and what was bought is remembered for the day it is back', async () => {
    const harness = await harnessOf(someCalls(2));
    const key = harness.sandbox.semarizeKeys.test;
    harness.config['semarize_api_key'] = key;
    await harness.syncWell();
    delete harness.config['semarize_api_key'];
    await harness.syncWell();
    harness.config['semarize_api_key'] = key;
    await harness.syncWell();
    expect(harness.sandbox.ledger.posts).toBe(2);
  });
});
