// Six marts, computed a second time by somebody else: plain Python over the raw streams, written from the specification and not
// from our SQL. Twenty seeded worlds with everything odd in them; every cell that Python computes is equal, numbers to 1e-9.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildHostileWorld } from '../analytics/hostile-world.ts';
import { openWarehouse, temporaryFolder } from '../analytics/warehouse.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { noteVerified } from './verified.ts';

interface Compared {
  readonly key: readonly string[];
  /** Rows that Python computes; default: all. */
  readonly where?: string;
  /** Columns that it leaves alone: copied texts and times, and fixed words. */
  readonly left: readonly string[] | 'the rest';
}
const compared: Readonly<Record<string, Compared>> = {
  mart_call_scores: { key: ['call_id', 'kit_code'], left: ['kit_label', 'started_at'] },
  mart_coverage: { key: ['week', 'team'], left: [] },
  mart_pricing_audit_weekly: { key: ['week', 'team', 'currency'], left: [] },
  mart_messaging_drift: { key: ['event_id', 'element', 'bucket', 'kit_code'], left: ['target'] },
  mart_unified_deal_score: {
    key: ['opportunity_id'],
    left: ['opportunity_name', 'account_name', 'is_closed', 'last_signal_at', 'method_version'],
  },
  // At the level of the deal: counts, verdict and r.
  mart_win_correlation: {
    key: ['kit_code', 'brick_key', 'value_kind'],
    where: `value_kind IN ('number', 'boolean')`,
    left: 'the rest',
  },
};
const worlds = Array.from({ length: 20 }, (_, i) => i + 1);
const recompute = join(import.meta.dirname, 'recompute_marts.py');

type Row = Record<string, unknown>;
const keyOf = (row: Row, key: readonly string[]) => JSON.stringify(key.map((column) => row[column] ?? null));

/** Values as Python prints them: dates as their day, integers as numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
  return value;
}

/** Paths of the cells in which the two differ; of a struct only the members that Python has. */
function differences(ours: unknown, theirs: unknown, path: string): string[] {
  if (typeof ours === 'number' && typeof theirs === 'number') {
    const isEqual = Math.abs(ours - theirs) <= 1e-9 * Math.max(1, Math.abs(theirs));
    return isEqual ? [] : [`${path}: ${ours}, Python ${theirs}`];
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const lengths = ours.length === theirs.length ? [] : [`${path}: ${ours.length} items, Python ${theirs.length}`];
    return [...lengths, ...ours.flatMap((item, i) => differences(item, theirs[i], `${path}[${i}]`))];
  }
  if (typeof ours === 'object' && ours !== null && typeof theirs === 'object' && theirs !== null)
    return Object.entries(theirs).flatMap(([name, value]) =>
      differences((ours as Row)[name], value, `${path}.${name}`),
    );
  return Object.is(ours ?? null, theirs ?? null)
    ? []
    : [`${path}: ${JSON.stringify(ours)}, Python ${JSON.stringify(theirs)}`];
}

describe('plain Python over the raw streams', () => {
  test.each(worlds)('computes the same marts in world %i', async (seed) => {
    const { calls, transcripts, runs, settings } = buildHostileWorld(seed, 480);
    const folder = temporaryFolder();
    const [file, settingsFile] = [join(folder, 'world.duckdb'), join(folder, 'settings.json')];
    const warehouse = await openWarehouse({ path: file });
    await warehouse.insert('calls', calls);
    await warehouse.insert('transcripts', transcripts);
    await warehouse.insert('semarize_runs', runs);
    await warehouse.createMarts(settings);
    const ours: Record<string, Row[]> = {};
    for (const [mart, { where = 'true' }] of Object.entries(compared))
      ours[mart] = (await warehouse.rows(`FROM ${mart} WHERE ${where}`)).map((row) => plain(row) as Row);
    warehouse.close();

    writeFileSync(settingsFile, JSON.stringify(settings));
    const { code, stdout, stderr } = await run(programOf('lake-readers', 'python'), [recompute, file, settingsFile]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const theirs = JSON.parse(stdout) as Record<string, Row[]>;
    for (const [mart, { key, left }] of Object.entries(compared)) {
      const found = new Map(ours[mart]?.map((row) => [keyOf(row, key), row]));
      const expected = new Map(theirs[mart]?.map((row) => [keyOf(row, key), row]));
      expect([...found.keys()].toSorted(), mart).toEqual([...expected.keys()].toSorted());
      expect(found.size, mart).toBeGreaterThan(0);
      const cells = [...expected].flatMap(([at, row]) => differences(found.get(at), row, `${mart} ${at}`));
      expect(cells).toEqual([]);
      if (left === 'the rest') continue;
      const columns = Object.keys(ours[mart]?.[0] ?? {});
      const computed = Object.keys(theirs[mart]?.[0] ?? {});
      expect(columns.filter((column) => !computed.includes(column)).toSorted(), mart).toEqual(left.toSorted());
    }
    // Enough deals in every world that there is an estimate to compare.
    expect(theirs['mart_win_correlation']?.filter(({ estimate }) => estimate !== null).length).toBeGreaterThan(0);
    if (seed === worlds.length)
      noteVerified(
        'Python',
        versionOf('lake-readers', 'duckdb'),
        `six marts from the raw streams of ${worlds.length} hostile worlds, cell by cell to 1e-9`,
      );
  });
});
