// The Airbyte protocol (0.18): one JSON message per line, states per stream, logs among the messages.
import type { Dialect } from '../dialect.ts';
import { encodeCatalog } from './catalog.ts';
import { createAirbyteDecoder, recordEnvelope } from './decode.ts';
import { createAirbyteEncoder } from './encode.ts';
import { parseAirbyteState } from './state.ts';

export const airbyte = {
  envelope: recordEnvelope,
  declaresStreams: false,
  hasWholeStates: false,
  carriesLogs: true,
  carriesStatuses: true,
  endsAtBrokenLine: false,
  encodeCatalog,
  createEncoder: createAirbyteEncoder,
  createDecoder: createAirbyteDecoder,
  parseState: parseAirbyteState,
} as const satisfies Dialect<Parameters<typeof createAirbyteEncoder>, Parameters<typeof createAirbyteDecoder>>;
