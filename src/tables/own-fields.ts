// Which fields of a stream become columns: all that its schema declares, but for names that belong to us or to the host. Pure.
import type { ConfiguredStream } from '../core/catalog.ts';
import { ConnectorError } from '../core/errors.ts';
import { type Field, fieldsOf } from './columns.ts';
import type { RecordMetadata } from './record-metadata.ts';
import type { Needs } from './staged-table.ts';

/** Properties that begin so are members which the loader adds. */
const ownPrefix = '__gong_elt_';

/**
 * @param metadata columns that the host wants beside the stream's own: its names give way to them
 * @param needs types that hold the numbers of a batch, by property, where the schema's do not
 * @throws ConnectorError (config) when nothing is left and the host adds nothing: a table needs a column
 */
export function ownFields({ stream }: ConfiguredStream, metadata: RecordMetadata | undefined, needs: Needs): Field[] {
  const own = fieldsOf(stream.jsonSchema).filter(
    ({ property }) => !property.startsWith(ownPrefix) && metadata?.isReserved(property) !== true,
  );
  if (own.length + (metadata?.columns.length ?? 0) === 0)
    throw new ConnectorError(`stream ${stream.name} declares no fields, so there is nothing to make a table of`, {
      area: 'config',
      hint: 'give its schema properties, or deselect it',
      fields: { stream: stream.name },
    });
  return own.map((field) => ({ ...field, type: needs.get(field.property) ?? field.type }));
}
