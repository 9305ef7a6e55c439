// The source as an Airbyte host drives it: spec, check, discover, read.
import type { ConfiguredCatalog, Stream } from '../../core/catalog.ts';
import { ConnectorError, StoppedError, toConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import type { Message } from '../../core/message.ts';
import { emitMessages } from '../../pipeline/emit.ts';
import { type HostSource, openSource } from '../../pipeline/source.ts';
import { endOfRun } from '../../process/ending.ts';
import { exitCodeOf, exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { parseConfiguredCatalog } from '../../protocol/airbyte/catalog.ts';
import { airbyte } from '../../protocol/airbyte/dialect.ts';
import { encodeSpec } from '../../protocol/airbyte/encode.ts';
import { type AirbyteContext, answerCheck, runAirbyteFace } from './face.ts';
import { planFullRefresh } from './full-refresh.ts';

/** @param open makes the source of a configuration */
export function runAirbyteSource(io: ProgramIo, name: string, open = openConfigured): Promise<number> {
  const withSource = async <T>(context: AirbyteContext, use: (source: HostSource) => Promise<T>): Promise<T> => {
    const source = await open(await context.readConfig(), io, context.words.log);
    try {
      return await use(source);
    } finally {
      await source.close();
    }
  };
  return runAirbyteFace(io, name, {
    async spec({ output }) {
      const { sourceSpec } = await import('../../settings/host-settings.ts');
      await output.write(encodeSpec(sourceSpec()));
      return exitCodes.complete;
    },
    check: (context) => answerCheck(context, () => withSource(context, (source) => check(source, context))),
    async discover(context) {
      const streams = await withSource(context, async (source) => source.discover());
      await context.output.write(airbyte.encodeCatalog(streams));
      return exitCodes.complete;
    },
    read: (context) => withSource(context, (source) => read(source, context)),
  });
}

async function openConfigured(config: JsonObject, io: ProgramIo, log: Log): Promise<HostSource> {
  const { parseHostSettings } = await import('../../settings/host-settings.ts');
  const settings = parseHostSettings(config, io.clock.now(), io.redactor.learn);
  return await openSource(settings, { ...io, log });
}

/** @returns what is wrong; undefined when nothing is */
async function check(source: HostSource, { words, signal }: AirbyteContext): Promise<string | undefined> {
  const rows = await source.check(signal);
  for (const { level, name, detail, nextStep = '' } of rows)
    if (level === 'warn') words.log('warn', `${name}: ${detail}`, { next_step: nextStep });
  const failed = rows.filter(({ level }) => level === 'fail');
  const sentences = failed.map(({ name, detail, nextStep }) =>
    [`${name}: ${detail}`, ...(nextStep === undefined ? [] : [nextStep])].join(' → '),
  );
  return sentences.length === 0 ? undefined : sentences.join('\n');
}

interface Failure {
  readonly error: ConnectorError;
  /** The stream it is about. */
  readonly stream: string | undefined;
}

async function read(source: HostSource, context: AirbyteContext): Promise<number> {
  const { io, output, words } = context;
  const catalog = parseConfiguredCatalog(await context.readCatalog(), 'sync_mode');
  const saved = await context.readState();
  const offered = source.discover();
  const isOffered = (name: unknown) => offered.some((stream) => stream.name === name);
  const chosen = catalog.filter(({ stream }) => isOffered(stream.name));
  const unknown = catalog.map(({ stream }) => stream.name).filter((name) => !isOffered(name));
  const failures: Failure[] = unknown.map((stream) => ({ error: unknownStream(stream), stream }));

  async function* messages(): AsyncGenerator<Message> {
    for (const stream of unknown) {
      yield { type: 'status', stream, status: 'started' };
      yield { type: 'status', stream, status: 'incomplete' };
    }
    if (chosen.length > 0) yield* readChosen(source, chosen, offered, saved.streams, context);
  }

  let incomplete: string | undefined;
  try {
    const encoder = airbyte.createEncoder(catalog, io.clock);
    incomplete = await emitMessages(messages(), { encoder, output, log: words.log });
  } catch (thrown) {
    if (thrown instanceof StoppedError || output.signal.aborted) throw thrown;
    const error = toConnectorError(thrown);
    const { stream } = error;
    failures.push({ error, stream: stream !== undefined && isOffered(stream) ? stream : undefined });
  }
  // At the end, since some hosts stop listening at the first one.
  for (const { error, stream } of failures) words.failed(error, stream);
  const [first] = failures;
  return first ? exitCodeOf(first.error) : endOfRun(incomplete, words);
}

function readChosen(
  source: HostSource,
  chosen: ConfiguredCatalog,
  offered: readonly Stream[],
  saved: ReadonlyMap<string, JsonObject>,
  { words, signal }: AirbyteContext,
): AsyncGenerator<Message> {
  // What was bought is known only from the state, and is never bought twice: such a stream is not offered for a full refresh.
  const kept = offered.filter(({ syncModes }) => !syncModes.includes('full_refresh')).map(({ name }) => name);
  for (const { stream, syncMode } of chosen)
    if (syncMode === 'full_refresh' && kept.includes(stream.name))
      words.log('warn', `The stream ${stream.name} is read incrementally: a full refresh would buy its runs again.`);
  const refresh = planFullRefresh(chosen, saved, new Set(kept));
  const streams = chosen.map(({ stream }) => stream.name);
  return refresh.mark(source.read({ streams, states: refresh.states, signal }));
}

function unknownStream(name: string): ConnectorError {
  return new ConnectorError(`With this configuration there is no stream "${name.slice(0, 200)}".`, {
    area: 'config',
    hint: 'let the host run discover again and choose among the streams it lists; some need a key of their own',
  });
}
