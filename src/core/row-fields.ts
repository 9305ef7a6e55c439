// Building blocks of row schemas: nullable columns as hosts understand them.
import { z } from 'zod';
import type { JsonObject } from './json.ts';

/** A text column; unset is null, never ''. */
export const text = () => z.string().nullable();
/** A whole number that fits a JavaScript number. */
export const integer = () => z.int().nullable();
export const number = () => z.number().nullable();
export const flag = () => z.boolean().nullable();
/** A calendar day, `YYYY-MM-DD`. */
export const day = () => z.string().nullable().meta({ format: 'date' });
/** An instant as ISO 8601 in UTC with milliseconds. */
export const instant = () =>
  z.string().nullable().meta({ format: 'date-time', airbyte_type: 'timestamp_with_timezone' });
/** An object whose keys are not known: kept as it came. */
export const openObject = () => z.custom<JsonObject | null>().meta({ type: ['object', 'null'] });
/** A nested value whose keys are all declared: loaders may make LIST/STRUCT of it. */
export const closed = <Schema extends z.ZodType>(schema: Schema) => schema.meta({ 'x-columns': 'closed' });
