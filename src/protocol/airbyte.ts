// The Airbyte protocol (0.18): one JSON message per line, states per stream, logs among the messages.
import { createAirbyteDecoder, recordEnvelope } from './airbyte-decode.ts';
import { createAirbyteEncoder } from './airbyte-encode.ts';
import type { Dialect } from './dialect.ts';

export const airbyte: Dialect = {
  envelope: recordEnvelope,
  logsAreMessages: true,
  stateScope: 'stream',
  createEncoder: createAirbyteEncoder,
  createDecoder: createAirbyteDecoder,
};
