// The source as a Singer host drives it: flags instead of commands. stdout holds messages only, stderr everything else.
import { resolve } from 'node:path';
import type { Stream } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json.ts';
import { toJsonSchema } from '../../core/json-schema.ts';
import type { Message } from '../../core/message.ts';
import { offeredStreams, openSource } from '../../pipeline/source.ts';
import { reportLines } from '../../pipeline/summary.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import type { Encoder } from '../../protocol/dialect.ts';
import { readSelection, type Selection, selectEverything, toSingerCatalog } from '../../protocol/singer/catalog.ts';
import { createSingerEncoder } from '../../protocol/singer/encode.ts';
import { bookmarksOf, parseSingerState } from '../../protocol/singer/state.ts';
import { readJsonFile, readTextFile } from '../../settings/config-file.ts';
import { runSingerFace, type SingerAbout, type SingerContext } from './face.ts';
import { createRecordCounter } from './record-counter.ts';

const usage =
  '--config FILE|ENV [--discover] [--catalog FILE] [--state FILE] [--test[=schema]] [--about [--format json]] [--version]';

export function runSingerTap(io: ProgramIo, name: string): Promise<number> {
  return runSingerFace(
    io,
    usage,
    () => aboutTap(name),
    name,
    async (context) => {
      const { flags, output } = context;
      if (flags.discover) {
        await output.write(
          `${JSON.stringify(toSingerCatalog(await offeredStreams((await context.readConfig()) ?? {})), null, 2)}\n`,
        );
        return exitCodes.complete;
      }
      return await read(context);
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

async function read(context: SingerContext): Promise<number> {
  const { io, flags, log, output, signal } = context;
  const config = await parseConfig(context);
  const saved = parseSingerState(await readState(context));
  const source = await openSource(config, { ...io, log });
  try {
    const selection = await select(context, source.discover());
    for (const warning of selection.warnings) log('warn', warning);
    const encoder = createSingerEncoder(selection.streams, saved);
    if (flags.test === 'schema') {
      for (const stream of selection.streams) await output.write(encoder.schema(stream));
      return exitCodes.complete;
    }
    if (selection.streams.length === 0) {
      log('warn', 'no stream is selected');
      await output.write(encoder.start());
      return exitCodes.complete;
    }
    await output.write(encoder.start());
    // What was bought is known only from the state, and is never bought twice: a full table leaves that bookmark alone.
    const states = bookmarksOf(saved);
    for (const { stream, isFullTable } of selection.streams) if (isFullTable) states.delete(stream.name);
    const streams = selection.streams.map(({ stream }) => stream.name);
    const isTest = flags.test !== undefined;
    const messages = source.read({ streams, states, signal, ...(isTest ? { limit: 1, maxRuns: 0 } : {}) });
    return await send(context, messages, encoder.encode);
  } finally {
    await source.close();
  }
}

async function send(
  { io, log, metric, output }: SingerContext,
  messages: AsyncIterable<Message>,
  encode: Encoder['encode'],
): Promise<number> {
  const counter = createRecordCounter(io.clock, metric);
  const incomplete: string[] = [];
  let isDone = false;
  try {
    for await (const message of messages) {
      const text = encode(message);
      if (text !== '') await output.write(text);
      if (message.type === 'record') counter.add(message.stream);
      // A state says what may have been bought next: it leaves this process before the source goes on.
      else if (message.type === 'state') await output.finish();
      else if (message.type === 'log') log(message.level, message.message, message.fields);
      else if (message.type === 'report') for (const line of reportLines(message.report)) log('info', line);
      else if (message.status === 'incomplete') incomplete.push(message.stream);
      else if (message.rateLimitedUntil !== undefined)
        log('info', `${message.stream} waits until ${new Date(message.rateLimitedUntil).toISOString()}`);
    }
    isDone = incomplete.length === 0;
  } finally {
    counter.finish(isDone);
  }
  if (isDone) return exitCodes.complete;
  log('error', `Incomplete: ${incomplete.join(', ')}. The next sync goes on from the last state.`);
  return exitCodes.incomplete;
}

async function parseConfig(context: SingerContext) {
  const { io } = context;
  const { parseHostSettings } = await import('../../settings/host-settings.ts');
  const settings = await context.readConfig();
  if (settings === undefined)
    throw new ConnectorError('There are no settings.', {
      area: 'config',
      hint: 'name a file with --config FILE, or take the environment with --config ENV',
    });
  return parseHostSettings(settings, io.clock.now(), io.redactor.learn);
}

async function select({ io, flags, log }: SingerContext, streams: readonly Stream[]): Promise<Selection> {
  const path = flags.catalog ?? flags.properties;
  if (path === undefined) return selectEverything(streams);
  const catalog = await readJsonFile(resolve(io.cwd, path), path);
  if (isJsonObject(catalog) && Object.keys(catalog).length > 0) return readSelection(catalog, streams);
  log('warn', 'the catalog is empty: every stream is read');
  return selectEverything(streams);
}

async function readState({ io, flags }: SingerContext): Promise<string | undefined> {
  if (flags.state === undefined) return undefined;
  try {
    return await readTextFile(resolve(io.cwd, flags.state), flags.state);
  } catch (error) {
    // A first run may name a file that is not there yet.
    if (error instanceof ConnectorError && (error.cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
