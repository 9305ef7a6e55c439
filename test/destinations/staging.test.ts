// M9: folders for staged records. They hold transcripts, so what a dead process left goes at the next load; and nobody empties or
// removes what somebody else is filling.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProcessIdentity } from '../../src/core/machine.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { identifyProcess } from '../../src/process/identity.ts';
import { stagingFolderName } from '../../src/store/staging.ts';
import { type Running, startScript } from '../ledger/run-script.ts';
import { environmentOf, machine } from '../support/environment.ts';
import { type Elsewhere, elsewheres, forgedMark } from '../support/pid-namespace.ts';

const day = 24 * 3_600_000;

interface Ground {
  /** The destination, as a person names it. */
  readonly to: string;
  /** Where the staging folders are. */
  readonly temporary: string;
  staged(): Promise<string[]>;
  /** Makes a folder look as if nothing had changed in it for so long. */
  age(name: string, ms: number): Promise<void>;
  /** What every command does that is about to write; `changes` = as a process that is not quite this one. */
  preflight(changes?: Partial<ProcessIdentity>): Promise<void>;
}

async function createGround(kind: string): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-staging-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const isFile = kind === 'a file';
  const to = join(folder, isFile ? 'warehouse.duckdb' : 'lake');
  const temporary = isFile ? `${to}.tmp` : join(to, '_gong_elt', 'tmp');
  return {
    to,
    temporary,
    staged: () => readdir(temporary).catch(() => []),
    async age(name, ms) {
      const then = new Date(Date.now() - ms);
      await utimes(join(temporary, name), then, then);
    },
    async preflight(changes = {}) {
      const identify = async () => ({ ...(await machine.identify()), ...changes });
      const destination = await placeOf(to).openDestination({}, environmentOf({ machine: { ...machine, identify } }));
      await destination.preflight().finally(() => destination.close());
    },
  };
}

/** A load of the compiled program that has staged a record, says so, and commits when a line comes. */
async function startLoad({ to }: Ground, shell?: string): Promise<Running & { end(): Promise<void> }> {
  const running = startScript(
    `const { systemClock } = await load('core/clock');
    const { noCrashPoint } = await load('core/crash-point');
    const { noLog } = await load('core/log');
    const { createLoader } = await load('load/loader');
    const { placeOf } = await load('pipeline/places/place-of');
    const { thisMachine } = await load('process/machine');
    const { existsSync } = await import('node:fs');
    const shared = { clock: systemClock, crashPoint: noCrashPoint, log: noLog };
    const destination = await placeOf(given).openDestination({}, { ...shared, machine: thisMachine({}) });
    await destination.preflight();
    const stream = {
      name: 'calls', jsonSchema: { properties: { id: { type: 'string' } } },
      primaryKey: [['id']], cursorField: [], syncModes: ['incremental'],
    };
    const configured = { ...stream, stream, syncMode: 'incremental', destinationSyncMode: 'append_dedup' };
    const loader = createLoader({ ...shared, destination, catalog: [configured] });
    await loader.addRow('calls', { id: '1', sentence: 'what somebody said' }, 1);
    console.log('staged');
    while (!existsSync(given + '.go')) await new Promise((resolve) => setTimeout(resolve, 20));
    const { commits } = await loader.finish();
    await destination.close();
    console.log('stored ' + commits);`,
    to,
    shell,
  );
  onTestFinished(() => void running.child.kill('SIGKILL'));
  await running.printed('staged');
  return {
    ...running,
    async end() {
      await writeFile(`${to}.go`, '');
      expect(await running.ended).toMatchObject({ code: 0, stdout: 'staged\nstored 1\n' });
    },
  };
}

async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** Gives the only staging folder the name that it would have in another namespace. */
async function moveElsewhere({ temporary, staged }: Ground): Promise<void> {
  const [name = ''] = await staged();
  const mark = { ...(await identifyProcess()), ...forgedMark };
  await rename(join(temporary, name), join(temporary, stagingFolderName('sync', mark)));
}

describe.each(['a file', 'a lake'])('in %s', (kind) => {
  test('what a killed load left goes before the next one, at once', async () => {
    const ground = await createGround(kind);
    await kill(await startLoad(ground));
    expect(await ground.staged()).toHaveLength(1);
    await ground.preflight();
    expect(await ground.staged()).toEqual([]);
  });

  test('what a living load has staged stays, however old it looks, and gets there', async () => {
    const ground = await createGround(kind);
    const loading = await startLoad(ground);
    const [name = ''] = await ground.staged();
    await ground.age(name, 3 * day);
    await ground.preflight();
    expect(await ground.staged()).toEqual([name]);
    expect(existsSync(join(ground.temporary, name, '0'))).toBe(true);
    await loading.end();
    expect(await ground.staged()).toEqual([]);
  });

  test('a load that ends takes its own folder along, and leaves those of others', async () => {
    const ground = await createGround(kind);
    const first = await startLoad(ground);
    const second = await startLoad(ground);
    expect(await ground.staged()).toHaveLength(2);
    await kill(second);
    await first.end();
    expect(await ground.staged()).toHaveLength(1);
  });

  test('two destinations of one process are two loads', async () => {
    const ground = await createGround(kind);
    const open = () => placeOf(ground.to).openDestination({}, environmentOf());
    const [one, two] = [await open(), await open()];
    expect(one.stagingFolder).not.toBe(two.stagingFolder);
    await mkdir(two.stagingFolder, { recursive: true });
    await one.close();
    expect(existsSync(two.stagingFolder)).toBe(true);
    await ground.preflight();
    expect(existsSync(two.stagingFolder)).toBe(true);
    await two.close();
    expect(await ground.staged()).toEqual([]);
  });

  describe.each(elsewheres)('of a load $name', ({ shell }: Elsewhere) => {
    test('what was staged stays for a day: nobody can tell whether it lives', async () => {
      const ground = await createGround(kind);
      const loading = await startLoad(ground, shell);
      await kill(loading);
      if (shell === undefined) await moveElsewhere(ground);
      const [name = ''] = await ground.staged();
      await ground.age(name, day - 60_000);
      await ground.preflight();
      expect(await ground.staged()).toEqual([name]);
      await ground.age(name, day + 60_000);
      await ground.preflight();
      expect(await ground.staged()).toEqual([]);
    });

    test('that lives, it gets there while others come and go', async () => {
      const ground = await createGround(kind);
      const loading = await startLoad(ground, shell);
      await kill(await startLoad(ground));
      expect(await ground.staged()).toHaveLength(2);
      await ground.preflight(shell === undefined ? { pidNamespace: 'pid:[1]' } : {});
      expect(await ground.staged()).toHaveLength(shell === undefined ? 2 : 1);
      await loading.end();
    });
  });

  test('what 0.1.0 left, whose folders name no process, stays for a day', async () => {
    const ground = await createGround(kind);
    const name = kind === 'a file' ? 'sync' : 'staging-sync';
    await mkdir(join(ground.temporary, name, '0'), { recursive: true });
    await writeFile(join(ground.temporary, name, '0', '0-0.jsonl'), '{"id":"1"}');
    await ground.preflight();
    expect(await ground.staged()).toEqual([name]);
    await ground.age(name, day + 60_000);
    await ground.preflight();
    expect(await ground.staged()).toEqual([]);
  });
});

test('where the system tells no start times, a number may be somebody else’s by now: what is a day old goes', async () => {
  const ground = await createGround('a file');
  const unknown = { startTime: '', startTimeOf: async () => '' };
  const name = stagingFolderName('sync', { ...(await machine.identify()), ...unknown });
  await mkdir(join(ground.temporary, name), { recursive: true });
  await ground.preflight(unknown);
  expect(await ground.staged()).toEqual([name]);
  await ground.age(name, day + 60_000);
  await ground.preflight(unknown);
  expect(await ground.staged()).toEqual([]);
});

test('what DuckDB spilled beside a file is left to DuckDB', async () => {
  const ground = await createGround('a file');
  await mkdir(join(ground.temporary, 'spill'), { recursive: true });
  await ground.age('spill', 2 * day);
  await ground.preflight();
  expect(await ground.staged()).toEqual(['spill']);
});

describe('the name of a folder', () => {
  test('holds the process and nothing that a file system refuses, whatever the connection and the host are called', async () => {
    const mark = { pid: 12, host: '../\u0000/é', bootId: 'b', startTime: '34', pidNamespace: 'pid:[1]' };
    for (const connection of ['sync', '../../x', 'CON', 'a.1-2-3-4.b', '', 'é'.repeat(300)])
      expect(stagingFolderName(connection, mark)).toMatch(
        /^staging-[a-z0-9_-]{1,40}\.12-34-[0-9a-f]{8}-[0-9a-f]{8}\.[0-9a-f]{8}$/,
      );
    expect(stagingFolderName('sync', undefined)).toMatch(/^staging-sync\.[0-9a-f]{8}$/);
  });

  test('tells the machine, its start and the namespace apart', async () => {
    const own = await machine.identify();
    const parts = (changes: object) => stagingFolderName('sync', { ...own, ...changes }).split('.')[1];
    const names = [{}, { host: 'x' }, { bootId: 'x' }, { pidNamespace: 'x' }, { startTime: '1' }, { pid: 1 }].map(
      parts,
    );
    expect(new Set(names).size).toBe(6);
    expect(parts({})).toBe(parts({}));
  });
});
