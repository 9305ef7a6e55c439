// What an analyst does with a file or lake that a host filled: marts, outcomes, analysis, report; without any key, and without Gong.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { type Finished, run } from './run.ts';

const gongElt = join(import.meta.dirname, '../../dist/bin/gong-elt.js');

/**
 * @param place path of the file or lake
 * @returns the deals and the estimate of the score, as the marts say them after the import
 */
export async function answersOf(place: string): Promise<JsonObject> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-answers-'));
  const cli = async (...args: string[]): Promise<Finished> => {
    const ended = await run(process.execPath, [gongElt, ...args], { cwd: folder });
    expect(ended.code, `gong-elt ${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
    return ended;
  };
  const ask = async (sql: string): Promise<JsonObject[]> =>
    JSON.parse((await cli('query', sql, '--from', place, '--format', 'json')).stdout) as JsonObject[];
  try {
    await cli('marts', '--in', place);
    const deals = await ask('SELECT opportunity_id FROM deals ORDER BY 1');
    expect(deals.length).toBeGreaterThan(3);
    // Half of them won, long after every call.
    const lines = deals.map(({ opportunity_id: id }, index) => `${id},${index % 2 === 0},2099-01-01`);
    await writeFile(join(folder, 'deals.csv'), `opportunity_id,is_won,closed_at\n${lines.join('\n')}\n`);
    await cli('import', 'outcomes', 'deals.csv', '--in', place);
    await cli('analyze', '--in', place, '--draws', '200');
    await cli('report', '--from', place, '-o', 'report.html');
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('goes with winning');
    const [answer] = await ask(`
      SELECT (SELECT count(*) FROM deals WHERE outcome_source = 'import') AS deals,
        (SELECT count(*) FROM mart_call_scores) AS scores,
        (SELECT max(n_deals) FROM mart_win_correlation) AS tested`);
    if (!isJsonObject(answer)) throw new Error('no answer');
    expect(answer['deals']).toBe(deals.length);
    return answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
