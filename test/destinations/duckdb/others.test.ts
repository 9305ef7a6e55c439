// Others at the same file: readers between commits, and programs that hold it when we want to write.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import { createBatchMaker, integer, streamOf, text } from '../../contracts/batches.ts';
import { holdFile } from '../../duckdb/hold-file.ts';
import { createWarehouse } from './warehouse.ts';

const calls = streamOf('calls', { id: text, updated: integer });
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: calls, row: { id: String(from + n), updated: 1 } }));

test('a reader gets in between commits and sees whole batches only', async () => {
  const warehouse = await createWarehouse();
  const destination = warehouse.open();
  const batches = createBatchMaker(destination);
  await destination.commit(batches.make('b0', rows(0, 70)));
  await destination.release();
  const reader = spawn(
    process.execPath,
    [join(import.meta.dirname, 'poll-count.mjs'), warehouse.path, 'SELECT count(*)::INTEGER FROM calls'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let said = '';
  reader.stdout.setEncoding('utf8').on('data', (chunk) => {
    said += chunk;
  });
  const seen = () => said.split('\n').slice(0, -1).map(Number);
  for (let n = 1; n < 60 && (n < 10 || new Set(seen()).size < 4); n++) {
    await destination.commit(batches.make(`b${n}`, rows(n * 70, 70)));
    await destination.release();
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  reader.stdin.end();
  await once(reader, 'close');
  expect(new Set(seen()).size).toBeGreaterThanOrEqual(4);
  expect(seen().filter((count) => count % 70 !== 0)).toEqual([]);
  expect(seen()).toEqual([...seen()].sort((a, b) => a - b));
});

test('preflight is busy at once when somebody holds the file, and names them', async () => {
  const warehouse = await createWarehouse();
  await warehouse.change('CREATE TABLE theirs (n INTEGER)');
  const holder = await holdFile(warehouse.path, 'READ_ONLY');
  await expect(warehouse.open().preflight()).rejects.toMatchObject({
    area: 'busy',
    message: `${warehouse.path} is open in another program (PID ${holder.pid})`,
  });
});

test('a commit waits for somebody who looks at the file, and not for ever', async () => {
  const warehouse = await createWarehouse();
  await warehouse.change('CREATE TABLE theirs (n INTEGER)');
  const holder = await holdFile(warehouse.path, 'READ_ONLY');
  let slept = 0;
  let patience = Number.POSITIVE_INFINITY;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => slept,
    sleep: async (ms) => {
      slept += ms;
      if (slept >= patience) await holder.letGo();
    },
  };
  const destination = warehouse.open({ clock });
  const batch = createBatchMaker(destination).make('b1', rows(0, 3));
  await expect(destination.commit(batch)).rejects.toMatchObject({ area: 'busy' });
  expect(slept).toBe(60_000);
  patience = 70_000;
  await destination.commit(batch);
  await destination.close();
  expect(await warehouse.read('SELECT count(*) AS n FROM calls')).toEqual([{ n: 3 }]);
});
