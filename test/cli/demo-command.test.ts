// gong-elt demo, as a process: two days, and a second demo that buys and changes nothing.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runGongElt } from '../support/run-node.ts';

const acceptedRuns = async (folder: string) => {
  const { sandbox } = JSON.parse(await readFile(join(folder, 'demo/sandbox.json'), 'utf8')) as {
    sandbox: { runs: unknown[] };
  };
  return sandbox.runs.length;
};

/** What every row of the three tables says. */
async function contents(folder: string): Promise<string> {
  const sql = ['calls', 'transcripts', 'semarize_runs']
    .map(
      (table) =>
        `select '${table}' as stream, count(*) as n, md5(string_agg(md5(t::varchar), '' order by md5(t::varchar))) as all_rows from ${table} t`,
    )
    .join(' union all ');
  const { code, stdout } = await runGongElt(
    ['query', `${sql} order by 1`, '--from', 'demo/warehouse.duckdb', '--json'],
    { cwd: folder },
  );
  expect(code).toBe(0);
  return stdout;
}

describe('gong-elt demo', () => {
  let folder: string;
  let first: Awaited<ReturnType<typeof runGongElt>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gong-elt-demo-'));
    first = await runGongElt(['demo'], { cwd: folder });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('syncs two days, and says what happens in them', () => {
    expect(first.code, first.stderr).toBe(0);
    for (const text of ['Day 1, 2026-11-17', 'Day 2, 2026-11-18', 'status 429; trying again', 'pending', 'failed'])
      expect(first.stderr).toContain(text);
    const [dayOne = '', dayTwo = ''] = first.stderr.split('Day 2');
    expect(dayOne).toMatch(/^calls +listed 2\d\d · new 2\d\d/m);
    // Calls that Gong showed late, and transcripts that were not there on the first day.
    expect(dayTwo).toMatch(/^calls +listed \d+ · new \d+/m);
    expect(dayTwo).toMatch(/^transcripts +asked \d+ · new [1-9]/m);
  });

  it('gives the same answers over the lake, with the kits in the same order and under the same names', async () => {
    const answers = await Promise.all(
      ['warehouse.duckdb', 'lake'].map(async (place) => {
        const sql = 'select kit_label_a, kit_label_b, n_deals, n_won, winner from mart_framework_ab';
        const { stdout } = await runGongElt(['query', sql, '--from', `demo/${place}`, '--json'], { cwd: folder });
        return JSON.parse(stdout) as unknown;
      }),
    );
    expect(answers[0]).toMatchObject([{ kit_label_a: 'MEDDICC', kit_label_b: 'SPICED' }]);
    expect(answers[1]).toEqual(answers[0]);
  });

  it('ends with queries that work', async () => {
    const commands = [...first.stdout.matchAll(/^ {2}gong-elt (query|runs list|state show)(?: "([^"]+)")?(.*)$/gm)];
    expect(commands.length).toBeGreaterThan(2);
    for (const [, command = '', sql, rest = ''] of commands) {
      const args = [...command.split(' '), ...(sql === undefined ? [] : [sql]), ...rest.trim().split(' ')];
      const { code, stdout } = await runGongElt(args, { cwd: folder });
      expect(code, args.join(' ')).toBe(0);
      expect(stdout.split('\n').length).toBeGreaterThan(3);
    }
  });

  it('has one run for each call and kit that could be evaluated, no more than the sandbox accepted', async () => {
    const sql = 'select count(*) as n, count(distinct (call_id, kit_code)) as subjects from semarize_runs';
    const { stdout } = await runGongElt(['query', sql, '--from', 'demo/warehouse.duckdb', '--json'], { cwd: folder });
    const [{ n, subjects } = { n: 0, subjects: 0 }] = JSON.parse(stdout) as { n: number; subjects: number }[];
    expect(n).toBeGreaterThan(400);
    expect(subjects).toBe(n);
    expect(await acceptedRuns(folder)).toBe(n);
  });

  it('buys nothing and changes no row when it is run again', async () => {
    const before = await contents(folder);
    const runs = await acceptedRuns(folder);
    const second = await runGongElt(['demo'], { cwd: folder });
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).toContain(`Runs that the sandbox accepted now: 0; in all: ${runs}.`);
    expect(await acceptedRuns(folder)).toBe(runs);
    expect(await contents(folder)).toBe(before);
  });

  it('keeps the sandbox running with --keep, until Ctrl-C', async () => {
    let answered: Promise<number> | undefined;
    const ended = await runGongElt(['demo', '--keep'], {
      cwd: folder,
      onOutput: (child, stdout) => {
        const [, url, key, keySecret] =
          /# (http:\S+),[\s\S]*GONG_ACCESS_KEY=(\S+)\nGONG_ACCESS_KEY_SECRET=(\S+)/.exec(stdout) ?? [];
        if (url === undefined || answered !== undefined) return;
        const authorization = `Basic ${Buffer.from(`${key}:${keySecret}`).toString('base64')}`;
        answered = fetch(`${url}/v2/users`, { headers: { authorization } })
          .then(({ status }) => status)
          .finally(() => child.kill('SIGINT'));
      },
    });
    expect(await answered).toBe(200);
    expect(ended).toMatchObject({ code: null, signal: 'SIGINT' });
  });
});

describe('a demo that does not run to its end', () => {
  let folder: string;
  afterEach(() => rm(folder, { recursive: true }));

  it('is gone on with after Ctrl-C, and ends with the same rows', async () => {
    folder = await mkdtemp(join(tmpdir(), 'gong-elt-demo-'));
    const interrupted = await runGongElt(['demo', '-v'], {
      cwd: folder,
      onError: (child, stderr) => {
        // In the middle of the first day's runs.
        if (/POST \/v1\/runs|Semarize answered/.test(stderr) && !child.killed) child.kill('SIGINT');
      },
    });
    expect(interrupted).toMatchObject({ code: null, signal: 'SIGINT' });
    const again = await runGongElt(['demo'], { cwd: folder });
    expect(again.code, again.stderr).toBe(0);
    const sql = 'select count(*) as n, count(distinct (call_id, kit_code)) as subjects from semarize_runs';
    const { stdout } = await runGongElt(['query', sql, '--from', 'demo/warehouse.duckdb', '--json'], { cwd: folder });
    const [{ n, subjects } = { n: 0, subjects: 0 }] = JSON.parse(stdout) as { n: number; subjects: number }[];
    expect({ n, subjects }).toEqual({ n: await acceptedRuns(folder), subjects: n });
  });

  it.each([
    ['damaged', '{"days_done":2'],
    ['of something else', '{"days_done":2,"sandbox":{"format":9}}'],
  ])('is not mixed with a sandbox.json that is %s', async (_, text) => {
    folder = await mkdtemp(join(tmpdir(), 'gong-elt-demo-'));
    await mkdir(join(folder, 'demo'));
    await writeFile(join(folder, 'demo/sandbox.json'), text);
    const { code, stderr } = await runGongElt(['demo'], { cwd: folder });
    expect(stderr).toContain('delete the folder demo');
    expect(code).toBe(2);
  });
});
