// The Airbyte protocol (0.18): one JSON message per line, states per stream, logs among the messages.
import { createAirbyteDecoder, recordEnvelope } from './decode.ts';
import { createAirbyteEncoder } from './encode.ts';

export const airbyte = {
  envelope: recordEnvelope,
  createEncoder: createAirbyteEncoder,
  createDecoder: createAirbyteDecoder,
} as const;
