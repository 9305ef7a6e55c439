// Values of a result as JSON values, in two forms.
import type { DuckDBType, DuckDBValue, DuckDBValueConverter, Json } from '@duckdb/node-api';
import {
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';

const wholeNumberTypes: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);

/** As DuckDB prints them: times, dates, intervals and decimals are text, and so are whole numbers that a double does not hold. */
export const toTextForm: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null) return null;
  if (wholeNumberTypes.has(type.typeId)) return wholeNumber(value);
  if (type.typeId === DuckDBTypeId.INTERVAL) return String(value);
  return JsonDuckDBValueConverter(value, type, converter);
};

const instants: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

/**
 * As programs read them: instants in ISO 8601 with `Z` (those without a zone are UTC here), decimals as numbers where a double
 * holds every digit, NaN and infinities null.
 */
export const toIsoForm: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null || isInfinite(value)) return null;
  if (instants.has(type.typeId)) return isoInstant(String(value));
  if (type.typeId === DuckDBTypeId.DECIMAL) return decimalNumber(String(value));
  return toTextForm(value, type, converter);
};

function wholeNumber(value: DuckDBValue): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function isInfinite(value: DuckDBValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return (
    (value instanceof DuckDBTimestampTZValue ||
      value instanceof DuckDBTimestampValue ||
      value instanceof DuckDBDateValue) &&
    !value.isFinite
  );
}

/** `2026-01-01 00:00:00.5+00` → `2026-01-01T00:00:00.5Z`. */
function isoInstant(text: string): string {
  return `${text.replace(' ', 'T').replace(/\+00(:00)?$/, '')}Z`;
}

function decimalNumber(text: string): Json {
  const number = Number(text);
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return String(number) === plain ? number : text;
}

/** The name of a column's type: that of its values for JSON, else as DuckDB prints it. */
export function typeName(type: DuckDBType | undefined): string {
  return type?.alias ?? String(type);
}
