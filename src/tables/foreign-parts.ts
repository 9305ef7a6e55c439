// A table that is replaced by another loses what people added to it. So it is not replaced then.
import { ConnectorError } from '../core/errors.ts';

/** Columns that hosts ask us for: they are ours, whatever the settings are today. */
export function isHostColumn(name: string): boolean {
  return /^_(airbyte|sdc)_/.test(name);
}

/**
 * @param parts what somebody else added, in words: `column note`
 * @param shown how messages name the place of the table
 * @throws ConnectorError (destination) that names them, when there are any
 */
export function refuseParts(parts: readonly string[], table: string, shown: string): void {
  if (parts.length === 0) return;
  throw new ConnectorError(
    `The table ${table} in ${shown} is to be replaced and has what was not made by gong-elt: ${parts.join(', ')}.`,
    {
      area: 'destination',
      hint: 'drop that, or put it into a table or view of its own; or choose a mode that keeps the table',
      fields: { path: shown, table },
    },
  );
}
