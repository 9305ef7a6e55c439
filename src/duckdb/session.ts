// Statements on one connection, and their answers as plain JSON values.
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { toIsoForm, toTextForm, typeName } from './json-values.ts';
import { inspectStatements, type StatementFacts } from './statements.ts';
import type { PlainValue, ValueType } from './value-types.ts';
import { plainValue, valueTypeOf } from './value-types.ts';

/** Bound values; whole numbers up to 2^53 are bound as integers. */
export type Bindings = readonly (string | number | boolean | null)[];

/** Values for `$name`; each is text, which DuckDB casts to what its place needs. */
export type NamedBindings = Readonly<Record<string, string>>;

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

export interface TypedColumn extends ResultColumn {
  readonly valueType: ValueType;
}

/** A few thousand rows of a result. */
export interface ResultChunk {
  readonly rowCount: number;
  /** `text`: as DuckDB prints them; `iso`: as JSON for programs (json-values.ts). */
  rows(form: 'text' | 'iso'): JsonValue[][];
  /** The values of one column, by its `valueType`. */
  values(column: number): PlainValue[];
}

export interface TypedResult {
  readonly columns: readonly TypedColumn[];
  readonly chunks: AsyncIterable<ResultChunk>;
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
  /** As `stream`, for whoever needs the types of values. */
  streamTyped(sql: string, values?: NamedBindings): Promise<TypedResult>;
  /** What a text of SQL is, without running it. */
  inspect(sql: string): Promise<StatementFacts>;
  /** Ends what is running, which then fails. */
  interrupt(): void;
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
      return reader.convertRowObjects(toTextForm) as JsonObject[];
    },
    async stream(sql, values) {
      const result = await connection.stream(sql, bind(values));
      const names = result.columnNames();
      const types = result.columnTypes();
      return {
        columns: names.map((name, index) => ({ name, type: typeName(types[index]) })),
        rows: result.yieldConvertedRows(toTextForm) as AsyncIterable<JsonValue[][]>,
      };
    },
    async streamTyped(sql, values) {
      const result = await connection.stream(sql, values && { ...values });
      const types = result.columnTypes();
      const columns = result.columnNames().map((name, index) => {
        const type = types[index];
        return { name, type: typeName(type), valueType: type ? valueTypeOf(type) : ({ kind: 'text' } as const) };
      });
      return { columns, chunks: chunksOf(result, columns) };
    },
    inspect: (sql) => inspectStatements(connection, sql),
    interrupt: () => connection.interrupt(),
  };
}

async function* chunksOf(result: DuckDBResult, columns: readonly TypedColumn[]): AsyncGenerator<ResultChunk> {
  for await (const chunk of result) {
    if (chunk.rowCount > 0) yield toResultChunk(chunk, columns);
  }
}

function toResultChunk(chunk: DuckDBDataChunk, columns: readonly TypedColumn[]): ResultChunk {
  return {
    rowCount: chunk.rowCount,
    rows: (form) => chunk.convertRows(form === 'iso' ? toIsoForm : toTextForm) as JsonValue[][],
    values(column) {
      const type = columns[column]?.valueType ?? { kind: 'text' };
      return chunk.getColumnValues(column).map((value) => plainValue(value, type));
    },
  };
}

function bind(values: Bindings | undefined): DuckDBValue[] | undefined {
  return values === undefined ? undefined : [...values];
}
