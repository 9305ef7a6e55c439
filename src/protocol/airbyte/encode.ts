// Our messages as Airbyte lines.
import type { ConfiguredCatalog } from '../../core/catalog.ts';
import type { Clock } from '../../core/clock.ts';
import { type ConnectorError, type ErrorArea, errorText } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { type LogLevel, logText } from '../../core/log.ts';
import type { Message, StateMessage, StatusMessage } from '../../core/message.ts';
import { toJsonLine, toWellFormedLine } from '../../jsonl/json-line.ts';
import type { Encoder } from '../dialect.ts';
import { repeatKey } from './state.ts';

/** @param catalog names the streams; a host's namespace is written on everything about its stream. */
export function createAirbyteEncoder(catalog: ConfiguredCatalog, clock: Clock): Encoder {
  const descriptors = new Map<string, Descriptor>();
  for (const { stream } of catalog) descriptors.set(stream.name, describe(stream.name, stream.namespace));
  const progress = new Map<string, { records: number; state: string; repeats: number }>();

  const describeStream = (name: string) => descriptors.get(name) ?? describe(name, undefined);

  function progressOf(stream: string) {
    const known = progress.get(stream);
    if (known) return known;
    const fresh = { records: 0, state: '', repeats: 0 };
    progress.set(stream, fresh);
    return fresh;
  }

  function encodeState({ stream, state }: StateMessage): string {
    const own = progressOf(stream);
    const text = JSON.stringify(state);
    // Two equal states in a row switch off the platform's count of records, so a repeated one carries a number.
    own.repeats = text === own.state ? own.repeats + 1 : 0;
    own.state = text;
    const content = JSON.stringify({
      stream_descriptor: describeStream(stream),
      stream_state: own.repeats === 0 ? state : { ...state, [repeatKey]: own.repeats },
    });
    // By hand because the protocol asks for a decimal point, which JSON.stringify leaves out.
    const stats = `{"recordCount":${own.records}.0}`;
    own.records = 0;
    return toWellFormedLine(`{"type":"STATE","state":{"type":"STREAM","stream":${content},"sourceStats":${stats}}}`);
  }

  function encodeStatus({ stream, status, rateLimitedUntil }: StatusMessage): string {
    const streamStatus: JsonObject = { stream_descriptor: describeStream(stream), status: status.toUpperCase() };
    if (rateLimitedUntil !== undefined) {
      const quotaReset = Math.trunc(rateLimitedUntil);
      streamStatus['reasons'] = [{ type: 'RATE_LIMITED', rate_limited: { quota_reset: quotaReset } }];
    }
    return encodeTrace(clock, { type: 'STREAM_STATUS', stream_status: streamStatus });
  }

  return {
    start: () => '',
    encode(message: Message): string {
      switch (message.type) {
        case 'record': {
          progressOf(message.stream).records += 1;
          const { name: stream, ...namespace } = describeStream(message.stream);
          const emittedAt = Math.trunc(message.emittedAt);
          return toJsonLine({
            type: 'RECORD',
            record: { stream, ...namespace, data: message.row, emitted_at: emittedAt },
          });
        }
        case 'state':
          return encodeState(message);
        case 'status':
          return encodeStatus(message);
        case 'log':
          return encodeLog(message.level, logText(message.message, message.fields));
        case 'report':
          return encodeLog('info', `completeness: ${JSON.stringify(message.report)}`);
      }
    },
  };
}

export function encodeLog(level: LogLevel, message: string): string {
  return toJsonLine({ type: 'LOG', log: { level: level.toUpperCase(), message } });
}

/** `config_error` stops a platform from trying again, the other two do not. The first one of a failed read counts. */
export type FailureType = 'config_error' | 'transient_error' | 'system_error';

/**
 * A TRACE ERROR. Every failed run has one, and no other run has.
 * @param stream the stream that failed, when it is one
 */
export function encodeFailure(
  failure: { message: string; failureType: FailureType; stackTrace?: string; stream?: string },
  clock: Clock,
): string {
  const { message, failureType, stackTrace, stream } = failure;
  return encodeTrace(clock, {
    type: 'ERROR',
    error: {
      message,
      failure_type: failureType,
      ...(stackTrace === undefined ? {} : { stack_trace: stackTrace }),
      ...(stream === undefined ? {} : { stream_descriptor: describe(stream, undefined) }),
    },
  });
}

export function encodeError(error: ConnectorError, clock: Clock, stream?: string): string {
  // Only our own bugs need a stack.
  const trace = error.area === 'bug' ? { stackTrace: traceOf(error) } : {};
  const place = stream === undefined ? {} : { stream };
  return encodeFailure({ message: errorText(error), failureType: failureTypes[error.area], ...trace, ...place }, clock);
}

/** Where it happened, without the text of the error, which may quote what it was given. */
function traceOf(error: ConnectorError): string {
  const { stack = '' } = error.cause instanceof Error ? error.cause : error;
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

const failureTypes: Record<ErrorArea, FailureType> = {
  config: 'config_error',
  credentials: 'config_error',
  destination: 'config_error',
  quota: 'transient_error',
  service: 'transient_error',
  busy: 'transient_error',
  bug: 'system_error',
};

/** @param spec the content of `spec.json`: `connectionSpecification` and its neighbours */
export function encodeSpec(spec: JsonObject): string {
  return toJsonLine({ type: 'SPEC', spec });
}

export function encodeConnectionStatus(ok: boolean, message: string): string {
  return toJsonLine({ type: 'CONNECTION_STATUS', connectionStatus: { status: ok ? 'SUCCEEDED' : 'FAILED', message } });
}

function encodeTrace(clock: Clock, trace: JsonObject): string {
  return toJsonLine({ type: 'TRACE', trace: { ...trace, emitted_at: Math.trunc(clock.now()) } });
}

type Descriptor = { name: string; namespace?: string };

function describe(name: string, namespace: string | undefined): Descriptor {
  return namespace === undefined ? { name } : { name, namespace };
}
