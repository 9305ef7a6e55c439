// The source as an Airbyte host drives it: spec, check, discover, read.
import type { ConfiguredCatalog, Stream } from '../../core/catalog.ts';
import { ConnectorError, StoppedError, toConnectorError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import type { Message } from '../../core/message.ts';
import { exitCodeOf, exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { parseConfiguredCatalog } from '../../protocol/airbyte/catalog.ts';
import { airbyte } from '../../protocol/airbyte/dialect.ts';
import { encodeCatalog, encodeError, encodeFailure, encodeSpec } from '../../protocol/airbyte/encode.ts';
import { parseStateFile } from '../../protocol/airbyte/state.ts';
import { answerCheck, type FaceContext, runFace, withoutSecrets } from './face.ts';

/** A source before it has settings. */
export interface SourceFace {
  /** What `spec` answers: `connectionSpecification` and its neighbours. */
  spec(): Promise<JsonObject>;
  /** @throws ConnectorError of area `config` that lists every problem */
  open(config: JsonValue, io: ProgramIo, log: Log): Promise<OpenSource>;
}

export interface OpenSource {
  discover(): readonly Stream[];
  /** @param message a sentence that says what to do when it is not ok */
  check(signal: AbortSignal): Promise<{ readonly ok: boolean; readonly message: string }>;
  /**
   * @param catalog streams of `discover` that were chosen
   * @param states by stream name
   */
  read(
    catalog: ConfiguredCatalog,
    states: ReadonlyMap<string, JsonObject>,
    signal: AbortSignal,
  ): AsyncIterable<Message>;
  /** What a read did and did not do, line by line, for people. */
  summarize(report: JsonObject): readonly string[];
  close(): Promise<void>;
}

export function runAirbyteSource(io: ProgramIo, name: string, source: SourceFace): Promise<number> {
  const withSource = async <T>(context: FaceContext, use: (open: OpenSource) => Promise<T>): Promise<T> => {
    const open = await source.open(await context.readConfig(), io, context.log);
    try {
      return await use(open);
    } finally {
      await open.close();
    }
  };
  return runFace(io, name, {
    async spec({ output }) {
      await output.write(encodeSpec(await source.spec()));
      return exitCodes.complete;
    },
    check: (context) => answerCheck(context, () => withSource(context, (open) => open.check(context.signal))),
    async discover(context) {
      const streams = await withSource(context, async (open) => open.discover());
      await context.output.write(encodeCatalog(streams));
      return exitCodes.complete;
    },
    read: (context) => withSource(context, (open) => read(open, context)),
  });
}

interface Failure {
  readonly error: ConnectorError;
  /** The stream it is about. */
  readonly stream?: string | undefined;
}

async function read(source: OpenSource, context: FaceContext): Promise<number> {
  const { io, output, log, signal } = context;
  const catalog = parseConfiguredCatalog(await context.readCatalog(), 'sync_mode');
  const states = parseStateFile(await context.readState());
  const offered = new Set(source.discover().map(({ name }) => name));
  const chosen = catalog.filter(({ stream }) => offered.has(stream.name));
  const failures: Failure[] = [];
  const encoder = airbyte.createEncoder(catalog, io.clock);
  const send = async (message: Message) => await output.write(encoder.encode(message));

  for (const { stream } of catalog) {
    if (offered.has(stream.name)) continue;
    failures.push({ error: unknownStream(stream.name), stream: stream.name });
    await send({ type: 'status', stream: stream.name, status: 'started' });
    await send({ type: 'status', stream: stream.name, status: 'incomplete' });
  }
  const incomplete = new Set<string>();
  try {
    for await (const message of chosen.length === 0 ? [] : source.read(chosen, states, signal)) {
      if (message.type === 'log') log(message.level, message.message, message.fields);
      else await send(message);
      if (message.type === 'report') for (const line of source.summarize(message.report)) log('info', line);
      // A state says what may have been bought next: it leaves this process before the source goes on.
      if (message.type === 'state') await output.finish();
      if (message.type === 'status' && message.status === 'incomplete') incomplete.add(message.stream);
    }
  } catch (thrown) {
    if (thrown instanceof StoppedError || output.signal.aborted) throw thrown;
    const error = toConnectorError(thrown);
    const { stream } = error;
    failures.push({ error, stream: stream !== undefined && offered.has(stream) ? stream : undefined });
  }
  // At the end, since some hosts stop listening at the first one.
  for (const { error, stream } of failures)
    await output.write(encodeError(withoutSecrets(error, io), io.clock, stream));
  const [first] = failures;
  if (first) return exitCodeOf(first.error);
  if (incomplete.size === 0) return exitCodes.complete;
  const message = `Incomplete: ${[...incomplete].join(', ')}. The next sync goes on from the last state.`;
  await output.write(encodeFailure({ message, failureType: 'system_error' }, io.clock));
  return exitCodes.incomplete;
}

function unknownStream(name: string): ConnectorError {
  return new ConnectorError(`With this configuration there is no stream "${name.slice(0, 200)}".`, {
    area: 'config',
    hint: 'let the host run discover again and choose among the streams it lists; some need a key of their own',
  });
}
