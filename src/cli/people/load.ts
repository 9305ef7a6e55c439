// gong-elt load: what some source or tap printed, from stdin into a destination of ours. Singer brings its schemas along,
// Airbyte needs the catalog that the source was given.
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { ConfiguredCatalog } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { BatchFolders } from '../../pipeline/batch-files.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { Decoder } from '../../protocol/dialect.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { findPlace, toFlag } from '../find-place.ts';

export const load: Command = {
  name: 'load',
  describe:
    'Airbyte or Singer messages on stdin into the destination; states come back on stdout when they are durable',
  examples: [
    'tap-gong-semarize --config tap.json | gong-elt load --to warehouse.duckdb',
    'some-source read --config c.json --catalog catalog.json | gong-elt load --catalog catalog.json --to warehouse.duckdb',
  ],
  flags: {
    to: toFlag,
    catalog: {
      type: 'string',
      group: 'Where:',
      describe: 'For Airbyte messages: the configured catalog that the source was given (streams, keys and modes)',
    },
  },
  async run(flags, context) {
    const { input, dialect } = await openInput(textFlag(flags, 'catalog'), context);
    const { runLoad } = await import('../../pipeline/load.ts');
    const place = await findPlace(textFlag(flags, 'to'), 'to', context);
    const acknowledge = (line: Buffer) => context.print(line.toString());
    const { incomplete } = await runLoad({ ...dialect, place, input, acknowledge }, context.environment);
    for (const reason of incomplete) context.log('error', reason);
    return incomplete.length === 0 ? exitCodes.complete : exitCodes.incomplete;
  },
};

interface OpenDialect {
  readonly catalog: ConfiguredCatalog;
  readonly decoder: Decoder;
  /** Whose state it is. */
  readonly connection: string;
  readonly failsOnBrokenLine: boolean;
  readonly hasWholeStates: boolean;
  readonly batchFolders?: BatchFolders;
}

async function openInput(
  catalogPath: string | undefined,
  { io, log }: CommandContext,
): Promise<{ input: Readable; dialect: OpenDialect }> {
  if (catalogPath !== undefined) return { input: io.stdin, dialect: await openAirbyte(catalogPath, io.cwd) };
  const { input, isSinger } = await lookAtFirstLine(io.stdin, io.signal);
  if (!isSinger)
    throw new ConnectorError(
      'This does not begin with a SCHEMA, and Airbyte messages do not say what their streams look like.',
      {
        area: 'config',
        hint: 'name the configured catalog that the source was given: --catalog catalog.json',
      },
    );
  const { createSingerDecoder } = await import('../../protocol/singer/decode.ts');
  const { warnOfUndeclared, warnOfUnversioned } = await import('../../pipeline/stream-warnings.ts');
  const decoder = createSingerDecoder({
    loadMethod: 'upsert',
    hasDefaultSchema: false,
    addRecordMetadata: false,
    isStrict: true,
    hardDelete: false,
    obeysActivations: true,
    onUnversioned: (stream) => warnOfUnversioned(log, stream),
    now: () => io.clock.now(),
    onUndeclared: (stream, property) => warnOfUndeclared(log, stream, property),
  });
  // The lines may be anybody's, so files that they name are taken from here alone.
  const batchFolders = { cwd: io.cwd, root: io.cwd };
  const facts = { connection: 'singer', failsOnBrokenLine: true, hasWholeStates: true };
  return { input, dialect: { catalog: [], decoder, ...facts, batchFolders } };
}

async function openAirbyte(path: string, cwd: string): Promise<OpenDialect> {
  const { connectionOfStreams } = await import('../../pipeline/connection.ts');
  const { parseConfiguredCatalog } = await import('../../protocol/airbyte/catalog.ts');
  const { airbyte } = await import('../../protocol/airbyte/dialect.ts');
  const { readJsonFile } = await import('../../settings/config-file.ts');
  const catalog = parseConfiguredCatalog(await readJsonFile(resolve(cwd, path), path), 'destination_sync_mode');
  return {
    catalog,
    decoder: airbyte.createDecoder(catalog),
    connection: connectionOfStreams(catalog),
    failsOnBrokenLine: false,
    hasWholeStates: false,
  };
}

/** Singer begins with a SCHEMA or a BATCH, or with the STATE that the tap was given. */
const singerStart = /^\s*\{.*"type"\s*:\s*"(SCHEMA|BATCH)"|^\s*\{.*"type"\s*:\s*"STATE".*"value"\s*:/i;

async function lookAtFirstLine(stdin: Readable, signal: AbortSignal): Promise<{ input: Readable; isSinger: boolean }> {
  signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  const chunks = stdin[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  const seen: Buffer[] = [];
  for (;;) {
    const { value, done } = await chunks.next();
    if (done) break;
    seen.push(Buffer.from(value));
    if (value.includes(0x0a)) break;
  }
  const [first = ''] = Buffer.concat(seen).toString('utf8').split('\n', 1);
  async function* all() {
    yield* seen;
    yield* chunks;
  }
  return { input: Readable.from(all(), { objectMode: false }), isSinger: singerStart.test(first) };
}
