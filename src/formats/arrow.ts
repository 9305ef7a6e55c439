// An answer as a stream of Arrow's IPC format, a record batch a chunk: pyarrow, pandas, Polars, R and DuckDB read it.
import { AsyncByteQueue, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow';
import type { Answer, AnswerChunk, Column } from './answer.ts';
import { arrowData } from './arrow-data.ts';
import { nullable } from './arrow-types.ts';

/**
 * @returns the number of rows
 * @throws ConnectorError as `arrowData`
 */
export async function writeArrow(
  { columns, chunks }: Answer,
  write: (piece: Buffer) => Promise<void>,
): Promise<number> {
  const schema = new Schema(columns.map(({ name, valueType }) => nullable(name, valueType)));
  const bytes = new TakenBytes();
  const writer = new RecordBatchStreamWriter({ autoDestroy: false });
  let count = 0;
  writer.reset(bytes, schema);
  await write(bytes.take());
  for await (const chunk of chunks) {
    writer.write(new RecordBatch(schema, rowsData(chunk, columns, schema)));
    await write(bytes.take());
    count += chunk.rowCount;
  }
  writer.reset();
  await write(bytes.take());
  return count;
}

function rowsData(chunk: AnswerChunk, columns: readonly Column[], schema: Schema) {
  const children = columns.map(({ valueType }, index) =>
    arrowData(chunk.values(index), valueType, schema.fields[index]!.type),
  );
  return makeData({ type: new Struct(schema.fields), length: chunk.rowCount, nullCount: 0, children });
}

/** The library's own queue keeps what was written until a reader comes; we hand it on after each batch. */
class TakenBytes extends AsyncByteQueue {
  #parts: Uint8Array[] = [];

  override write(part: Uint8Array): void {
    this.#parts.push(part);
  }

  take(): Buffer {
    const taken = Buffer.concat(this.#parts);
    this.#parts = [];
    return taken;
  }
}
