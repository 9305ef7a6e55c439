// Rows of a mart by one plain SELECT, which is also the SQL that the report shows beside them.

import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Session } from '../../duckdb/session.ts';
import { withoutContacts } from './text.ts';

export interface MartQuery {
  readonly mart: string;
  readonly columns: readonly string[];
  /** Conditions in SQL, joined by AND. Values from outside are quoted by quoteLiteral. */
  readonly where?: readonly string[];
  /** The last key is unique within the mart. */
  readonly orderBy: readonly string[];
  /** Most rows that are read; the rest is counted. */
  readonly limit?: number;
}

export interface MartRows {
  readonly rows: readonly JsonObject[];
  /** Rows that there are. */
  readonly total: number;
  /** Gives all of them. */
  readonly sql: string;
}

/** Rows that a table of the report has at most. */
export const mostRows = 200;

export interface MartReader {
  /**
   * A column that the mart lacks is left out of the SELECT and null in the rows: a file whose marts an older version made has
   * fewer. @returns undefined when there is no such mart
   */
  read(query: MartQuery): Promise<MartRows | undefined>;
  /** The answer of one SELECT over relations that are there, else undefined. */
  ask(relations: readonly string[], sql: string): Promise<MartRows | undefined>;
  /** Is there such a relation, with this column? */
  has(relation: string, column?: string): boolean;
}

export async function createMartReader(session: Session): Promise<MartReader> {
  const columns = await relationColumns(session);
  const ask = async (sql: string, limit = mostRows): Promise<MartRows> => {
    const rows = await session.rows(`${sql} LIMIT ${limit + 1}`).catch((error: unknown) => {
      throw unreadable(error, sql);
    });
    const read = rows.map(printableRow);
    if (rows.length <= limit) return { rows: read, total: rows.length, sql };
    const [counted] = await session.rows(`SELECT count(*) AS n FROM (${sql})`);
    return { rows: read.slice(0, limit), total: Number(counted?.['n']), sql };
  };
  return {
    has: (relation, column) =>
      column === undefined ? columns.has(relation) : columns.get(relation)?.has(column) === true,
    async ask(relations, sql) {
      return relations.every((relation) => columns.has(relation)) ? await ask(sql) : undefined;
    },
    async read({ mart, columns: wanted, where = [], orderBy, limit }) {
      const there = columns.get(mart);
      if (there === undefined) return undefined;
      const isThere = (expression: string) => {
        const name = /^(?:abs\()?(\w+)/.exec(expression)?.[1];
        return name !== undefined && there.has(name);
      };
      const conditions = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`;
      const order = orderBy.filter(isThere).join(', ');
      const { rows, ...answer } = await ask(
        `SELECT ${wanted.filter(isThere).join(', ')} FROM ${mart}${conditions} ORDER BY ${order}`,
        limit,
      );
      const missing = Object.fromEntries(wanted.filter((name) => !isThere(name)).map((name) => [name, null]));
      return { ...answer, rows: rows.map((row) => ({ ...missing, ...row })) };
    },
  };
}

const instant = /^\d{4}-\d{2}-\d{2}([ T][\d:.+Z-]*)?$/;

/**
 * A value as the report may hold it. Sums of fractions differ in their last bits from run to run, and here nobody needs these
 * bits. Whatever column a way to reach a person stands in, it is left out.
 */
function printable(value: JsonValue): JsonValue {
  if (typeof value === 'string') return instant.test(value) ? value : withoutContacts(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(9));
  if (Array.isArray(value)) return value.map(printable);
  return isJsonObject(value) ? printableRow(value) : value;
}

function printableRow(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, printable(value)]));
}

/** DuckDB's text where it can only speak of names; else its class alone: it may quote what stands in a row. */
function unreadable(error: unknown, sql: string): ConnectorError {
  const text = error instanceof Error ? error.message : String(error);
  const [said = 'error'] = /^(?:Binder|Catalog) Error:[^\n]*|^[A-Za-z ]+ Error/.exec(text) ?? [];
  const [, relation = 'a mart'] = /\bFROM (\w+)/.exec(sql) ?? [];
  return new ConnectorError(`${relation} cannot be read: ${said}`, {
    area: 'destination',
    hint: 'make the marts anew with gong-elt marts, then run the report again',
    fields: { relation },
    cause: error,
  });
}

/** Columns by relation of the current schema, and of temporary ones, which stand before it. */
async function relationColumns(session: Session): Promise<Map<string, Set<string>>> {
  const found = await session.rows(`
    SELECT table_name, column_name FROM duckdb_columns()
    WHERE NOT internal AND ((database_name = current_database() AND schema_name = current_schema()) OR database_name = 'temp')`);
  const columns = new Map<string, Set<string>>();
  for (const row of found) {
    const table = String(row['table_name']);
    columns.set(table, (columns.get(table) ?? new Set()).add(String(row['column_name'])));
  }
  return columns;
}

/** A number of a row, or undefined. DuckDB gives whole numbers beyond 2^53 as text. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A count of a row; what is not there counts nothing. */
export function countOf(value: JsonValue | undefined): number {
  return numberOf(value) ?? 0;
}

export function textOf(value: JsonValue | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
