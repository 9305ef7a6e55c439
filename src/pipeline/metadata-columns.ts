// The columns beside a stream's own that each kind of host looks for.
export { airbyteMetadata, singerMetadata } from '../tables/record-metadata.ts';
