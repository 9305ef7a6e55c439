// Which Delta tables we may read and write: those whose rules we know all of. Anything else is refused before it is touched.
import { ConnectorError } from '../../../core/errors.ts';
import type { MetaData, Protocol } from './actions.ts';

/** Of our tables, unless a schema asks for times without a zone. */
export const plainProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

const ntz = 'timestampNtz';

/** What `TIMESTAMP` columns need. */
export const ntzProtocol: Protocol = {
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: [ntz],
  writerFeatures: [ntz, 'appendOnly', 'invariants'],
};

export function hasNtz({ readerFeatures }: Protocol): boolean {
  return readerFeatures?.includes(ntz) === true;
}

const newerHint =
  'read it with the program that changed it, or sync into a new folder; copy --from it is not possible any more';

/**
 * @param shown how messages name the table
 * @throws ConnectorError (destination) for a table with rules that we do not know
 */
export function checkReadable(protocol: Protocol, metaData: MetaData, shown: string): void {
  const { minReaderVersion, readerFeatures } = protocol;
  const unknown = [
    ...(minReaderVersion > 3 ? [`reader version ${minReaderVersion}`] : []),
    ...(minReaderVersion === 3 ? (readerFeatures ?? []).filter((feature) => feature !== ntz) : []),
    ...((metaData.configuration?.['delta.columnMapping.mode'] ?? 'none') === 'none' ? [] : ['column mapping']),
    ...(metaData.format.provider === 'parquet' ? [] : [`files of the format ${metaData.format.provider}`]),
  ];
  if (unknown.length > 0) throw unknownRules(shown, 'read', unknown);
}

/** @throws ConnectorError (destination) like `checkReadable`, also for rules that only writers must keep */
export function checkWritable(protocol: Protocol, metaData: MetaData, shown: string): void {
  checkReadable(protocol, metaData, shown);
  const { minWriterVersion, writerFeatures } = protocol;
  const known = ntzProtocol.writerFeatures ?? [];
  const unknown = [
    ...(minWriterVersion > 2 && minWriterVersion !== 7 ? [`writer version ${minWriterVersion}`] : []),
    ...(minWriterVersion === 7 ? (writerFeatures ?? []).filter((feature) => !known.includes(feature)) : []),
    ...(metaData.configuration?.['delta.appendOnly'] === 'true' ? ['delta.appendOnly'] : []),
    ...(metaData.schemaString.includes('"delta.invariants"') ? ['invariants of columns'] : []),
  ];
  if (unknown.length > 0) throw unknownRules(shown, 'write', unknown);
}

function unknownRules(shown: string, doing: 'read' | 'write', unknown: readonly string[]): ConnectorError {
  return new ConnectorError(
    `the Delta table ${shown} asks whoever ${doing}s it for what this version cannot do: ${unknown.join(', ')}; nothing was changed`,
    { area: 'destination', hint: newerHint, fields: { path: shown } },
  );
}
