// The source as a Singer host drives it: flags instead of commands. stdout holds messages only, stderr everything else.
import type { Stream } from '../../core/catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import { toJsonSchema } from '../../core/json-schema.ts';
import type { Log } from '../../core/log.ts';
import type { Message } from '../../core/message.ts';
import { emitMessages } from '../../pipeline/emit.ts';
import { type HostSource, offeredStreams, openSource } from '../../pipeline/source.ts';
import { endOfRun } from '../../process/ending.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import type { SavedState } from '../../protocol/dialect.ts';
import { readSelection, type SelectedStream, selectEverything } from '../../protocol/singer/catalog.ts';
import { singer } from '../../protocol/singer/dialect.ts';
import type { SingerAbout } from './about.ts';
import { runSingerFace, type SingerContext } from './face.ts';
import { createRecordCounter } from './record-counter.ts';

const usage =
  '--config FILE|ENV [--discover] [--catalog FILE] [--state FILE] [--test[=schema]] [--about [--format json]] [--version]';

/** @param open makes the source of a configuration */
export function runSingerSource(io: ProgramIo, name: string, open = openConfigured): Promise<number> {
  return runSingerFace(
    io,
    name,
    usage,
    () => aboutTap(name),
    async (context) => {
      if (context.flags.discover) {
        await context.output.write(singer.encodeCatalog(await offeredStreams(await context.findConfig())));
        return exitCodes.complete;
      }
      const source = await open(await context.readConfig(), io, context.words.log);
      try {
        return await read(source, context);
      } finally {
        await source.close();
      }
    },
  );
}

export async function aboutTap(name: string): Promise<SingerAbout> {
  const { sourceConfigSchema } = await import('../../settings/host-settings.ts');
  return {
    name,
    description: 'Gong calls, their transcripts, and what Semarize’s kits say of them',
    capabilities: ['catalog', 'discover', 'state', 'about', 'test', 'structured-logging'],
    settings: toJsonSchema(sourceConfigSchema, 'input'),
  };
}

async function openConfigured(config: JsonObject, io: ProgramIo, log: Log): Promise<HostSource> {
  const { parseHostSettings } = await import('../../settings/host-settings.ts');
  const settings = parseHostSettings(config, io.clock.now(), io.redactor.learn);
  return await openSource(settings, { ...io, log });
}

async function read(source: HostSource, context: SingerContext): Promise<number> {
  const { io, flags, output, words } = context;
  const saved = await context.readState();
  const selected = await select(context, source.discover());
  const encoder = singer.createEncoder(selected, saved);
  if (flags.test === 'schema') {
    for (const { stream } of selected)
      await output.write(encoder.encode({ type: 'status', stream: stream.name, status: 'started' }));
    return exitCodes.complete;
  }
  if (selected.length === 0) words.log('warn', 'no stream is selected');
  const counter = createRecordCounter(io.clock, words.metric);
  let isDone = false;
  try {
    const messages = readSelected(source, selected, saved, context);
    const incomplete = await emitMessages(messages, { encoder, output, log: words.log, onRecord: counter.add });
    isDone = incomplete === undefined;
    return endOfRun(incomplete, words);
  } finally {
    counter.finish(isDone);
  }
}

async function select(context: SingerContext, streams: readonly Stream[]): Promise<readonly SelectedStream[]> {
  const catalog = await context.readCatalog();
  const selection = catalog === undefined ? selectEverything(streams) : readSelection(catalog, streams);
  for (const warning of selection.warnings) context.words.log('warn', warning);
  return selection.streams;
}

async function* readSelected(
  source: HostSource,
  selected: readonly SelectedStream[],
  saved: SavedState,
  { flags, signal }: SingerContext,
): AsyncGenerator<Message> {
  if (selected.length === 0) return;
  // What was bought is known only from the state, and is never bought twice: such a stream is never a full table.
  const states = new Map(saved.streams);
  for (const { stream, isFullTable } of selected) if (isFullTable) states.delete(stream.name);
  const streams = selected.map(({ stream }) => stream.name);
  const limits = flags.test === undefined ? {} : { limit: 1, maxRuns: 0 };
  yield* source.read({ streams, states, signal, ...limits });
}
