// The snippets of docs/tools.md that need no foreign program; the others: test/interop/notebooks.test.ts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMarts } from '../../src/analytics/marts.ts';
import { parseAnalyticsSettings } from '../../src/analytics/settings.ts';
import { readStreams } from '../../src/analytics/streams.ts';
import { openForWriting } from '../../src/duckdb/connection.ts';
import { runGongElt } from '../support/run-node.ts';
import { codeBlocks } from './page-blocks.ts';
import { shellBlocks } from './shell-lines.ts';

const page = 'tools.md';
const callId = '00782342274025937895';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-tools-'));
  const database = await openForWriting(join(folder, 'warehouse.duckdb'), { spillFolder: join(folder, 'spill') });
  await database.exclusive(async (session) => {
    for (const { name, columns } of await readStreams()) {
      const list = columns.map((column) => `"${column.name}" ${column.type === 'NESTED' ? 'JSON' : column.type}`);
      await session.run(`CREATE TABLE ${name} (${list.join(', ')})`);
    }
    await session.run(
      `INSERT INTO calls (call_id, started_at, extracted_at) VALUES ('${callId}', '2026-03-04 10:00:00Z', '2026-03-05 00:00:00Z')`,
    );
    await session.run(`INSERT INTO semarize_runs (run_id, call_id, kit_code, status, is_sandbox, requested_at, bricks)
      VALUES ('r1', '${callId}', 'A1B2C3D4', 'succeeded', false, '2026-03-04 12:00:00Z', '{"overall_score": {"value": 64, "confidence": 0.9}}')`);
    await createMarts(session, parseAnalyticsSettings({}));
  });
  await database.close();
});
afterAll(() => rm(folder, { recursive: true }));

const query = (...args: string[]) => runGongElt(['query', ...args, '--from', 'warehouse.duckdb'], { cwd: folder });

describe('docs/tools.md', () => {
  it('has a route for Next.js that answers with the scores of a kit, ids as texts', async () => {
    // Beside this file, so that its import is found.
    const path = join(import.meta.dirname, `.route-${process.pid}.ts`);
    await writeFile(path, codeBlocks(page, 'A Next.js route', 'ts')[0]);
    process.env['WAREHOUSE'] = join(folder, 'warehouse.duckdb');
    try {
      const { GET } = (await import(pathToFileURL(path).href)) as { GET(request: Request): Promise<Response> };
      const answer = await GET(new Request('http://localhost/api/deals?kit=A1B2C3D4'));
      // 4 March 2026 is a Wednesday.
      expect(await answer.json()).toEqual([{ call_id: callId, opportunity_id: null, score: 64, week: '2026-03-02' }]);
      expect(await (await GET(new Request("http://localhost/?kit=' or true --"))).json()).toEqual([]);
    } finally {
      delete process.env['WAREHOUSE'];
      await rm(path);
    }
  });

  it('has a connection and a query for Evidence', async () => {
    const connection = parse(codeBlocks(page, 'Evidence', 'yaml')[0]);
    expect(connection).toEqual({ name: 'gong', type: 'duckdb', options: { filename: 'warehouse.duckdb' } });
    const [sql] = codeBlocks(page, 'Evidence', 'sql');
    expect((await query(sql)).stdout).toBe('brick_key,estimate,ci_low,ci_high,n_deals,verdict\r\n');
  });

  it('has a connector and a model for Rill', async () => {
    const [connector, model] = codeBlocks(page, 'Rill', 'yaml').map((text) => parse(text));
    expect(connector).toMatchObject({ type: 'connector', driver: 'duckdb' });
    expect(model).toMatchObject({ type: 'model', connector: 'duckdb' });
    const { openInMemory } = await import('../../src/duckdb/connection.ts');
    const database = await openInMemory({ folders: [folder] });
    try {
      const rows = await database.exclusive(async (session) => {
        await session.run(connector.init_sql.replace('warehouse.duckdb', join(folder, 'warehouse.duckdb')));
        return await session.rows(model.sql);
      });
      expect(rows).toMatchObject([{ call_id: callId, score: 64 }]);
    } finally {
      await database.close();
    }
  });

  it('has lines for `query` with flags that it knows', async () => {
    await writeFile(join(folder, 'my.sql'), 'select call_id from mart_call_scores where started_at >= $since');
    await writeFile(join(folder, 'segments.csv'), 'opportunity_id,segment\n006,big\n');
    await writeFile(join(folder, 'gong-elt.yaml'), 'destination: warehouse.duckdb\n');
    const [block = ''] = shellBlocks(page, 'gong-elt query');
    for (const line of block.trim().split('\n')) {
      const [command = ''] = line.split(/ #| \|/);
      const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      const { code, stderr } = await runGongElt(args.slice(1), { cwd: folder });
      expect([line, code, stderr.includes('error')]).toEqual([line, 0, false]);
    }
  });
});
