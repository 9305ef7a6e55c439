// gong-elt query: SQL over what was loaded, by a reader that cannot change it.
import { ConnectorError } from '../../core/errors.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { findAnalytics } from '../find-analytics.ts';
import { findPlace, fromFlag } from '../find-place.ts';
import { formatFlag, formatOf, writeRows } from '../output.ts';
import { toQueryError } from '../query-error.ts';
import { untilStopped } from '../stopping.ts';

export const query: Command = {
  name: 'query',
  operands: '<sql>',
  describe: 'Ask the warehouse or the lake in SQL',
  examples: [
    `gong-elt query "select * from mart_framework_ab" --from warehouse.duckdb`,
    `gong-elt query "select call_id, started_at, title from calls order by 2 desc limit 10" --format csv`,
  ],
  flags: {
    sql: { positional: true, group: '', describe: 'One SELECT of DuckDB’s SQL' },
    from: fromFlag,
    format: formatFlag,
  },
  async run(flags, context) {
    const sql = textFlag(flags, 'sql') ?? '';
    if (sql.trim() === '')
      throw new ConnectorError('The query is empty.', { area: 'config', hint: 'gong-elt query --help' });
    const place = await findPlace(textFlag(flags, 'from'), 'from', context);
    const warehouse = await place.openReader(context.environment, { marts: () => findAnalytics(context) });
    const { ask, isWaiting } = createAsker(context.io.signal);
    try {
      await warehouse.exclusive(async (session) => {
        if (place.takesOnlySelects && !(await ask(() => session.isSelect(sql))))
          throw new ConnectorError('A lake takes one SELECT at a time.', {
            area: 'config',
            hint: 'write it as one SELECT; PIVOT needs its IN list',
          });
        const { columns, rows } = await ask(() => session.stream(sql));
        const table = { columns, rows: chunksOf(rows, ask) };
        await writeRows(formatOf(flags, context.json), table, context.print);
      });
      return exitCodes.complete;
    } finally {
      // Closing under a running query would crash the process; nothing is lost when it ends without it.
      if (!isWaiting()) await warehouse.close();
    }
  },
};

type Ask = <T>(question: () => Promise<T>) => Promise<T>;

/** `ask` gives DuckDB's answer, or says what its error means; a signal does not wait for the answer. */
function createAsker(signal: AbortSignal): { ask: Ask; isWaiting(): boolean } {
  let waiting = 0;
  return {
    async ask(question) {
      signal.throwIfAborted();
      waiting += 1;
      const answer = question().finally(() => {
        waiting -= 1;
      });
      try {
        return await untilStopped(answer, signal);
      } catch (error) {
        throw signal.aborted ? error : toQueryError(error);
      }
    },
    isWaiting: () => waiting > 0,
  };
}

async function* chunksOf<T>(rows: AsyncIterable<T>, ask: Ask): AsyncGenerator<T> {
  const chunks = rows[Symbol.asyncIterator]();
  for (;;) {
    const next = await ask(() => chunks.next());
    if (next.done) return;
    yield next.value;
  }
}
