// Records of a file or a query of deals → rows of ext_outcomes.
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { ColumnPlaces, WantedColumns } from './columns.ts';
import { FieldProblem, toFlag, toInstant, toNumber, toText } from './field-values.ts';
import type { ReadRow } from './read-row.ts';

export const outcomeColumns: WantedColumns = {
  required: ['opportunity_id', 'is_won', 'closed_at'],
  optional: [
    ...[
      'is_closed',
      'amount',
      'currency',
      'stage',
      'opportunity_type',
      'opportunity_name',
      'created_at',
      'outcome_as_of',
    ],
  ],
};

const readers: Readonly<Record<string, (value: JsonValue | undefined) => JsonValue | undefined>> = {
  is_won: toFlag,
  closed_at: toInstant,
  is_closed: toFlag,
  amount: toNumber,
  created_at: toInstant,
  outcome_as_of: toInstant,
};

/**
 * Pure.
 * @param asOf when the records said so, where they do not say themselves: ISO 8601
 */
export function toOutcome(line: number, fields: readonly JsonValue[], places: ColumnPlaces, asOf: string): ReadRow {
  const row: JsonObject = { outcome_as_of: asOf };
  for (const [column, place] of places) {
    try {
      const value = (readers[column] ?? toText)(fields[place]);
      if (value !== undefined) row[column] = value;
    } catch (error) {
      if (error instanceof FieldProblem) return { line, problem: `${column} ${error.message}` };
      throw error;
    }
  }
  return row['opportunity_id'] === undefined ? { line, problem: 'opportunity_id is empty' } : { line, row };
}
