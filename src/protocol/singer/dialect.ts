// The Singer specification (0.3) as it is spoken today: schemas before records, one state for all streams, logs on stderr.
import type { Dialect } from '../dialect.ts';
import { encodeCatalog } from './catalog.ts';
import { createSingerDecoder, recordEnvelope } from './decode.ts';
import { createSingerEncoder } from './encode.ts';
import { parseSingerState } from './state.ts';

export const singer = {
  envelope: recordEnvelope,
  declaresStreams: true,
  hasWholeStates: true,
  carriesLogs: false,
  carriesStatuses: false,
  endsAtBrokenLine: true,
  encodeCatalog,
  createEncoder: createSingerEncoder,
  createDecoder: createSingerDecoder,
  parseState: parseSingerState,
} as const satisfies Dialect<Parameters<typeof createSingerEncoder>, Parameters<typeof createSingerDecoder>>;
