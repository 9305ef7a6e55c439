// Records that break their schema, for streams whose host wants the load to end then. Looked for in the typed rows of a batch,
// before anything of it is stored.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { StagedStream } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';
import type { Column } from './columns.ts';
import { dedupOrder, isKeyMissing } from './newest.ts';
import { stagedColumns } from './staged-sql.ts';

/**
 * @param table the staged table
 * @throws ConnectorError (destination) that names the stream, the column and the place of the first record that breaks the
 * schema: its key is missing, a required value is missing, or a value does not fit its column
 */
export async function refuseBrokenRecords(
  session: Session,
  table: string,
  staged: Pick<StagedStream, 'configured' | 'lineOf'>,
  columns: readonly Column[],
): Promise<void> {
  const { configured } = staged;
  if (configured.isStrict !== true) return;
  const { name } = configured.stream;
  const find = async (condition: string) => {
    const [row] = await session.rows(
      `SELECT min(${stagedColumns.seq}) AS seq, count(*) AS number FROM ${quoteIdent(table)} WHERE ${condition}`,
    );
    return { first: Number(row?.['seq']), count: Number(row?.['number']) };
  };
  const refuse = (what: string, { first, count }: { first: number; count: number }, fields: { column?: string }) =>
    new ConnectorError(`Stream ${name}: ${what} in ${count} records, the first is ${placeOf(first, staged)}.`, {
      area: 'destination',
      hint: 'nothing of their batch was stored; correct the tap, or let such records pass with validate_records: false',
      fields: { stream: name, ...fields },
    });

  if (configured.primaryKey.length > 0) {
    const found = await find(isKeyMissing(dedupOrder(configured, columns, undefined)));
    if (found.count > 0) throw refuse(`a part of the key (${keyText(configured)}) is missing`, found, {});
  }
  for (const column of requiredColumns(configured, columns)) {
    const isNulled = `coalesce(list_contains(${stagedColumns.nulled}, ${quoteLiteral(column.name)}), false)`;
    const found = await find(`${quoteIdent(column.name)} IS NULL AND NOT ${isNulled}`);
    if (found.count > 0) throw refuse(`the required ${column.property} is missing`, found, { column: column.property });
  }
  const found = await find(`${stagedColumns.nulled} IS NOT NULL`);
  if (found.count === 0) return;
  const [row] = await session.rows(
    `SELECT ${stagedColumns.nulled}[1] AS name FROM ${quoteIdent(table)} WHERE ${stagedColumns.seq} = ${found.first}`,
  );
  const column = String(row?.['name']);
  const type = columns.find((candidate) => candidate.name === column)?.type ?? '';
  throw refuse(`a value does not fit column ${column} (${type})`, found, { column });
}

/** Where whoever has to correct it finds a record. @param seq its arrival number */
export function placeOf(seq: number, { lineOf }: Pick<StagedStream, 'lineOf'>): string {
  const line = lineOf?.(seq);
  return line === undefined ? `record ${seq + 1} of this load` : `the record in line ${line} of the input`;
}

function keyText({ primaryKey }: ConfiguredStream): string {
  return primaryKey.map((path) => path.join('.')).join(', ');
}

/** Columns whose property is required and may not be null: an unset one was left out. */
function requiredColumns({ stream }: ConfiguredStream, columns: readonly Column[]): Column[] {
  const { required, properties } = stream.jsonSchema;
  if (!Array.isArray(required) || !isJsonObject(properties)) return [];
  return columns.filter(({ property }) => required.includes(property) && !allowsNull(properties[property]));
}

function allowsNull(definition: unknown): boolean {
  if (!isJsonObject(definition)) return true;
  const { type } = definition;
  return type === undefined || type === 'null' || (Array.isArray(type) && type.includes('null'));
}
