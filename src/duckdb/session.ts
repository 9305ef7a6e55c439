// Statements on one connection, and their answers as plain JSON values.
import type { DuckDBConnection, DuckDBValue, DuckDBValueConverter, Json } from '@duckdb/node-api';
import { DuckDBTypeId, JsonDuckDBValueConverter, StatementType } from '@duckdb/node-api';
import type { JsonObject, JsonValue } from '../core/json.ts';

/** Bound values; whole numbers up to 2^53 are bound as integers. */
export type Bindings = readonly (string | number | boolean | null)[];

export interface ResultColumn {
  readonly name: string;
  /** As DuckDB prints it: `VARCHAR`, `TIMESTAMP WITH TIME ZONE`, `STRUCT(a BIGINT)[]`. */
  readonly type: string;
}

export interface ResultStream {
  readonly columns: readonly ResultColumn[];
  /** A few thousand rows at a time, each an array in the order of `columns`. */
  readonly rows: AsyncIterable<JsonValue[][]>;
}

/**
 * Errors of statements are DuckDB's own and may quote data: show them to the person who wrote the SQL, and to nobody else.
 * Values: whole numbers that a double holds are numbers, larger ones text; times, dates and decimals text; JSON columns text.
 */
export interface Session {
  /** Name of the database: what begins with it can never be taken for something else, whatever a schema is called. */
  readonly catalog: string;
  /** @returns the rows that were changed. */
  run(sql: string, values?: Bindings): Promise<number>;
  /** The whole answer: for small ones. */
  rows(sql: string, values?: Bindings): Promise<JsonObject[]>;
  /** The answer as it is computed, for large ones. Use it up before the next statement. */
  stream(sql: string, values?: Bindings): Promise<ResultStream>;
  /** Is it one statement that only reads? Where files may be read, COPY and ATTACH may write them. */
  isSelect(sql: string): Promise<boolean>;
}

export function createSession(connection: DuckDBConnection, catalog: string): Session {
  return {
    catalog,
    async run(sql, values) {
      const result = await connection.run(sql, bind(values));
      return result.rowsChanged;
    },
    async rows(sql, values) {
      const reader = await connection.runAndReadAll(sql, bind(values));
      return reader.convertRowObjects(toJson) as JsonObject[];
    },
    async stream(sql, values) {
      const result = await connection.stream(sql, bind(values));
      const names = result.columnNames();
      const types = result.columnTypes();
      return {
        columns: names.map((name, index) => ({ name, type: types[index]?.alias ?? String(types[index]) })),
        rows: result.yieldConvertedRows(toJson) as AsyncIterable<JsonValue[][]>,
      };
    },
    async isSelect(sql) {
      const statements = await connection.extractStatements(sql);
      if (statements.count !== 1) return false;
      const statement = await statements.prepare(0);
      const { statementType } = statement;
      statement.destroySync();
      return statementType === StatementType.SELECT;
    },
  };
}

function bind(values: Bindings | undefined): DuckDBValue[] | undefined {
  return values === undefined ? undefined : [...values];
}

const wholeNumberTypes: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);

const toJson: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null || !wholeNumberTypes.has(type.typeId)) return JsonDuckDBValueConverter(value, type, converter);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};
