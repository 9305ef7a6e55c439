// gong-elt analyze: the built program over a file and over a lake.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseAnalyticsSettings } from '../../src/analytics/settings.ts';
import { duckDbFile } from '../../src/pipeline/places/duckdb-file.ts';
import { callRow, runRow } from '../analytics/deals-fixture.ts';
import { seeded } from '../analytics/statistics.ts';
import { environmentOf } from '../support/environment.ts';
import { root, runGongElt } from '../support/run-node.ts';

async function singerLines(): Promise<string> {
  const random = seeded(2);
  const deals = Array.from({ length: 60 }, (_, i) => ({
    id: `c${i}`,
    won: i % 2 === 0,
    score: random() + (i % 2 === 0 ? 0.4 : 0),
  }));
  const rows = {
    calls: deals.map(({ id, won }) => callRow({ id, won })),
    semarize_runs: deals.map(({ id, score }) => runRow({ call: id, bricks: { overall_score: score } })),
  };
  const lines: string[] = [];
  for (const [stream, records] of Object.entries(rows)) {
    const schema: unknown = JSON.parse(await readFile(join(root, 'schemas', `${stream}.json`), 'utf8'));
    const key = stream === 'calls' ? 'call_id' : 'run_id';
    lines.push(JSON.stringify({ type: 'SCHEMA', stream, schema, key_properties: [key] }));
    for (const record of records) lines.push(JSON.stringify({ type: 'RECORD', stream, record }));
  }
  return `${lines.join('\n')}\n`;
}

async function filled() {
  const cwd = await mkdtemp(join(tmpdir(), 'gong-elt-analyze-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const run = (...args: string[]) => runGongElt(args, { cwd });
  const input = await singerLines();
  for (const to of ['w.duckdb', 'lake'])
    expect((await runGongElt(['load', '--to', to], { cwd, input })).code, to).toBe(0);
  return { cwd, run };
}

const columns = 'n_deals, estimate, boot_low, boot_high, p_value, q_value, r_ceiling, is_stale';

test('analyze keeps its results where query finds them, the same in a file and in a lake', async () => {
  const { cwd, run } = await filled();
  const file = duckDbFile(join(cwd, 'w.duckdb'));
  expect(await file.refreshMarts(parseAnalyticsSettings({}), environmentOf())).toBeUndefined();
  const answers: unknown[] = [];
  for (const place of ['w.duckdb', 'lake']) {
    const { code, stdout, stderr } = await run('analyze', '--in', place, '--draws', '500');
    expect([code, stderr], place).toEqual([0, '']);
    expect(stdout).toContain('500 draws, seed 1');
    expect(stdout).toContain('1 test in one family');
    const asked = await run(
      'query',
      `select ${columns} from mart_win_correlation`,
      '--from',
      place,
      '--format',
      'json',
    );
    const [row] = JSON.parse(asked.stdout) as Record<string, unknown>[];
    expect(row).toMatchObject({ n_deals: 60, is_stale: false });
    expect(row?.['boot_low']).toBeLessThan(Number(row?.['estimate']));
    answers.push(row);
  }
  expect(answers[1]).toEqual(answers[0]);

  const json = await run('analyze', '--in', 'lake', '--draws', '100', '--seed', '5', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ seed: 5, draws: 100, features_tested: 1, framework_pairs: 0 });
});

test('analyze says what to do without marts, without a place and with a wrong number', async () => {
  const { run } = await filled();
  const bare = await run('analyze', '--in', 'w.duckdb');
  expect([bare.code, bare.stdout]).toEqual([2, '']);
  expect(bare.stderr).toContain('gong-elt marts');
  const nowhere = await run('analyze', '--in', 'nowhere.duckdb');
  expect(nowhere.code).toBe(7);
  const few = await run('analyze', '--in', 'w.duckdb', '--draws', '3');
  expect([few.code, few.stderr.includes('--draws must be a whole number from 100')]).toEqual([2, true]);
});
