// A reader as analysts have them: opens the file when it is free, counts, closes, again. Arguments: path, SQL of one number.
import { DuckDBInstance } from '@duckdb/node-api';

const [path, sql] = process.argv.slice(2);
let isAsked = true;
process.stdin
  .on('end', () => {
    isAsked = false;
  })
  .resume();
while (isAsked) {
  let instance;
  try {
    instance = await DuckDBInstance.fromCache(path, { access_mode: 'READ_ONLY' });
  } catch {
    // Held by the writer just now.
    await new Promise((resolve) => setTimeout(resolve, 5));
    continue;
  }
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(sql);
  process.stdout.write(`${answer.getRowsJson()[0][0]}\n`);
  connection.closeSync();
  instance.closeSync();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
