// Rows of a refresh that will never be finished: the host was told that they are stored, and goes on behind them. So they join
// the table, as its mode says, as if they had been sent to it.
import type { ConfiguredStream } from '../../core/catalog.ts';
import type { Log } from '../../core/log.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteName } from '../../duckdb/sql.ts';
import { type Column, foldCase } from '../../tables/columns.ts';
import { widened } from '../../tables/decimal.ts';
import { planChange } from '../../tables/evolve.ts';
import { keepDigits } from '../../tables/keep-digits.ts';
import { stagedColumns } from '../../tables/staged-sql.ts';
import type { OwnedTable } from './bookkeeping.ts';
import { alterStatements, describeTable, type TableSettings, type TargetTable } from './tables.ts';
import { inTransaction } from './transaction.ts';
import { writeStream } from './write.ts';

const joining = '__gong_elt_joining';

export interface Absorbed {
  readonly live: TargetTable;
  readonly beside: OwnedTable;
  readonly settings: TableSettings;
  readonly log: Log;
}

/** @param forget called in the same transaction: the rows are no longer kept beside the table then */
export async function absorbBeside(
  session: Session,
  configured: ConfiguredStream,
  { live, beside, settings, log }: Absorbed,
  forget: () => Promise<void>,
): Promise<void> {
  const from = quoteName(session.catalog, beside.schema, beside.table);
  const properties = new Map([...beside.columns].map(([property, name]) => [foldCase(name), property]));
  const liveNames = new Map(live.columns.map(({ property, name }) => [property, name]));
  const found = await describeTable(session, beside.schema, beside.table);
  const columns = (Array.isArray(found) ? found : []).map(({ name, type }) => {
    const property = properties.get(foldCase(name)) ?? name;
    return { source: name, column: { property, name: liveNames.get(property) ?? name, type } };
  });
  const wanted: Column[] = columns.map(({ column }) => column);
  const existing = await session.rows(`DESCRIBE SELECT * FROM ${live.sql}`);
  const present = existing.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
  const change = await keepDigits(session, planChange(wanted, present), live.sql);
  for (const statement of alterStatements(live.sql, change)) await session.run(statement);
  const { metadata: hosts } = settings;
  const names = new Set(wanted.map(({ name }) => name));
  const extractedAt = hosts?.columns.every(({ name }) => names.has(name)) ? hosts.extractedAt : undefined;
  const values = columns.map(({ source, column }, index) => {
    const { type } = change.columns[index] ?? column;
    const value = quoteIdent(source);
    const typed = type === column.type ? value : widened(value, column.type, type);
    return `${typed} AS ${quoteIdent(change.columns[index]?.name ?? column.name)}`;
  });
  const rows = await countRows(session, from);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${joining} AS SELECT ${values.join(', ')}, row_number() OVER () AS ${stagedColumns.seq},` +
      ` ${extractedAt === undefined ? '0' : `coalesce(epoch_ms(${extractedAt}), 0)`} AS ${stagedColumns.emittedAt} FROM ${from}`,
  );
  // Their own values of the host's columns are among the columns.
  const metadata = { columns: [], extractedAt, isReserved: () => false, values: () => [] };
  const target = { ...live, columns: change.columns };
  const staged = { configured, files: [], rows, bytes: 0, longestLine: 0 };
  await inTransaction(session, async () => {
    if (rows > 0) await writeStream(session, staged, joining, { target, nulled: 0, rounded: 0 }, metadata);
    await forget();
  });
  await session.run(`DROP TABLE ${joining}`);
  log('warn', `stream ${configured.stream.name}: rows of a refresh that was given up joined its table`, {
    stream: configured.stream.name,
    rows,
  });
}
