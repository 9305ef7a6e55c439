// One conversation of another recorder: its record in the index, and what was said → a row of ext_conversations.
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { ColumnPlaces, WantedColumns } from './columns.ts';
import { FieldProblem, toFlag, toInstant, toNumber, toText } from './field-values.ts';

export const conversationColumns: WantedColumns = {
  required: ['id', 'source', 'started_at'],
  optional: [
    'file',
    'title',
    'url',
    'duration_s',
    'owner_email',
    'owner_name',
    'account_name',
    'opportunity_id',
    'has_external',
  ],
};

/** A record of the index. */
export interface IndexedConversation {
  readonly line: number;
  /** The transcript, in the folder of the index. */
  readonly file: string;
  readonly row: JsonObject;
}

const readers: Readonly<Record<string, (value: JsonValue | undefined) => JsonValue | undefined>> = {
  started_at: toInstant,
  duration_s: toNumber,
  has_external: toFlag,
};

/** Pure. A problem reads on after the line. */
export function toConversation(
  line: number,
  fields: readonly string[],
  places: ColumnPlaces,
): IndexedConversation | { readonly line: number; readonly problem: string } {
  const row: JsonObject = {};
  for (const [column, place] of places) {
    try {
      const value = (readers[column] ?? toText)(fields[place]);
      if (value !== undefined) row[column] = value;
    } catch (error) {
      if (error instanceof FieldProblem) return { line, problem: `${column} ${error.message}` };
      throw error;
    }
  }
  for (const column of conversationColumns.required)
    if (row[column] === undefined) return { line, problem: `${column} is empty` };
  const { id, source, file = `${id}.vtt`, ...rest } = row;
  // Only files of the folder itself.
  if (/[/\\]/.test(String(file))) return { line, problem: 'file lies in another folder' };
  const ids = { call_id: `${source}:${id}`, source: String(source), conversation_id: String(id) };
  return { line, file: String(file), row: { ...ids, ...rest } };
}
