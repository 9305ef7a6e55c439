// The marts once more as temporary views: over some calls, without writing, and the same as the marts of the file where all calls count.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTemporaryMarts } from '../../src/analytics/temporary-marts.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { openForReading } from '../../src/duckdb/connection.ts';
import type { Session } from '../../src/duckdb/session.ts';
import { fillGuide, guideSettings, warehouseFile } from './report/report-world.ts';

const guideFile = (n: number) => warehouseFile(fillGuide(n), { settings: guideSettings });

async function reading<T>(path: string, use: (session: Session) => Promise<T>): Promise<T> {
  const database = await openForReading(path);
  try {
    return await database.exclusive(use);
  } finally {
    await database.close();
  }
}

const rounded = (rows: readonly JsonObject[]) =>
  JSON.stringify(rows, (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value,
  );

const marts = [
  'mart_coverage',
  'mart_win_correlation',
  'mart_framework_ab',
  'mart_call_scores',
  'mart_run_health',
  'mart_brick_quality',
];

describe('temporary marts', () => {
  it('say what the marts of the file say, and leave its bytes alone', async () => {
    const path = await guideFile(60);
    const hash = () => createHash('sha256').update(readFileSync(path)).digest('hex');
    const before = hash();
    await reading(path, async (session) => {
      const all = async () =>
        Promise.all(marts.map(async (mart) => rounded(await session.rows(`SELECT * FROM ${mart} ORDER BY ALL`))));
      const kept = await all();
      expect(await (await createTemporaryMarts(session)).takeResults()).toBe(true);
      expect(await all()).toEqual(kept);
    });
    expect(hash()).toBe(before);
  });

  it('narrow to the calls that are asked for, in every mart, and again', async () => {
    await reading(await guideFile(60), async (session) => {
      const temporary = await createTemporaryMarts(session);
      const one = async (sql: string) => Object.values((await session.rows(sql))[0] ?? {})[0];
      const asOf = await one('SELECT as_of::VARCHAR FROM as_of');
      const inMay = Number(await one(`SELECT count(*) FROM conversations WHERE started_at < TIMESTAMPTZ '2026-05-20'`));
      expect(inMay).toBeGreaterThan(5);
      expect(inMay).toBeLessThan(55);
      await temporary.narrowTo([`started_at < TIMESTAMPTZ '2026-05-20'`]);
      expect(await one('SELECT sum(calls)::BIGINT FROM mart_coverage')).toBe(inMay);
      expect(await one('SELECT count(*) FROM mart_call_scores')).toBe(2 * inMay);
      expect(await one('SELECT n_deals FROM mart_framework_ab')).toBe(inMay);
      expect(await one('SELECT count(*) FROM calls')).toBe(inMay);
      await temporary.narrowTo([`rep = 'Ana Diaz'`]);
      const ofAna = Number(await one('SELECT count(*) FROM conversations'));
      expect(ofAna).toBeGreaterThan(0);
      expect(ofAna).toBeLessThan(inMay);
      expect(await one('SELECT sum(n_runs)::BIGINT FROM mart_run_health')).toBe(2 * ofAna);
      expect(await one('SELECT as_of::VARCHAR FROM as_of')).toBe(asOf);
    });
  });

  it('cannot be narrowed where the marts are not there', async () => {
    const path = await warehouseFile(async () => {}, { streams: [] });
    await reading(path, async (session) => {
      const temporary = await createTemporaryMarts(session);
      await expect(temporary.narrowTo(['true'])).rejects.toMatchObject({
        area: 'config',
        hint: expect.stringContaining('gong-elt marts'),
      });
    });
  });
});
