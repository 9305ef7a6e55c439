// The loader as a Singer host drives it: records on stdin into a DuckDB file or a Parquet lake, durable states on stdout.
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { sha256 } from '../../core/hash.ts';
import { toJsonSchema } from '../../core/json-schema.ts';
import type { LineWriter } from '../../jsonl/writer.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { parseTargetSettings, type TargetSettings, targetSettings } from './destination-settings.ts';
import { runSingerFace, type SingerAbout, type SingerContext } from './face.ts';
import { createRecordCounter } from './record-counter.ts';

const usage = '--config FILE|ENV [--input FILE] [--about [--format json]] [--version] < messages';

export function runSingerTarget(io: ProgramIo, name: string): Promise<number> {
  return runSingerFace(io, usage, async () => aboutTarget(name), name, load);
}

export function aboutTarget(name: string): SingerAbout {
  return {
    name,
    description: 'Singer records into a DuckDB file or a lake of Parquet files',
    capabilities: ['about', 'target-schema', 'validate-records', 'structured-logging'],
    settings: toJsonSchema(targetSettings, 'input'),
  };
}

async function load(context: SingerContext): Promise<number> {
  const { io, flags, log, metric, output, signal } = context;
  const { clock, crashPoint } = io;
  const settings = readSettings(context, (await context.readConfig()) ?? {});
  const { createLoader } = await import('../../load/loader.ts');
  const { createSingerDecoder } = await import('../../protocol/singer/decode.ts');
  const { loadLines, logSummary, warnOfUndeclared } = await import('../../pipeline/load-lines.ts');
  const destination = await openTarget(settings, context);
  const states = createStatePrinter(output);
  const counter = createRecordCounter(clock, metric);
  let isDone = false;
  try {
    const loader = createLoader({
      destination,
      catalog: [],
      batchRows: settings.batch_size_rows,
      clock,
      crashPoint,
      log,
    });
    await destination.preflight();
    const decoder = createSingerDecoder({
      loadMethod: settings.load_method,
      hasDefaultSchema: settings.default_target_schema !== undefined,
      addRecordMetadata: settings.add_record_metadata,
      isStrict: settings.validate_records,
      now: () => clock.now(),
      onUndeclared: (stream, property) => warnOfUndeclared(log, stream, property),
    });
    const { summary, incomplete } = await loadLines({
      input: flags.input === undefined ? io.stdin : createReadStream(resolve(io.cwd, flags.input)),
      decoder,
      loader,
      clock,
      log,
      failsOnBrokenLine: true,
      acknowledge: states.print,
      onRecord: counter.add,
      signal,
    });
    logSummary(summary, log);
    isDone = incomplete === undefined;
    if (isDone) return exitCodes.complete;
    log('error', `Everything that could be read is stored, but ${incomplete}.`);
    return exitCodes.incomplete;
  } finally {
    await states.finish();
    counter.finish(isDone);
    await destination.close();
  }
}

function readSettings({ log }: SingerContext, given: Parameters<typeof parseTargetSettings>[0]): TargetSettings {
  const { settings, unknown } = parseTargetSettings(given);
  if (unknown.length > 0) log('warn', `settings that this target does not have are left alone: ${unknown.join(', ')}`);
  return settings;
}

async function openTarget(settings: TargetSettings, { io, log }: SingerContext) {
  const { openDestination, placeOf } = await import('../../pipeline/places.ts');
  const { singerMetadata } = await import('../../tables/record-metadata.ts');
  const { clock, crashPoint, env } = io;
  const place = placeOf(settings.path);
  if (place.kind === 'lake' && settings.memory_limit !== undefined)
    throw new ConnectorError('memory_limit is a setting for DuckDB files, and the path is a folder.', {
      area: 'config',
      hint: 'leave memory_limit out',
    });
  // The same pipeline into the same place is the same connection. A host may say what it reads from.
  const pipeline = [env['MELTANO_EXTRACTOR_NAME'] ?? '', settings.default_target_schema ?? ''];
  return await openDestination(
    { ...place, path: resolve(io.cwd, place.path) },
    {
      clock,
      crashPoint,
      log,
      waitMs: 0,
      connection: `singer-${sha256(JSON.stringify(pipeline)).slice(0, 16)}`,
      schema: settings.default_target_schema,
      memoryLimit: settings.memory_limit,
      metadata: settings.add_record_metadata ? singerMetadata(() => clock.now()) : undefined,
    },
  );
}

/** Prints the newest of the states that became durable together, and none twice: each stands for everything before it. */
function createStatePrinter(output: LineWriter) {
  let waiting: Buffer | undefined;
  let printed: Buffer | undefined;
  let turn: NodeJS.Immediate | undefined;

  function printNow() {
    clearImmediate(turn);
    turn = undefined;
    if (waiting === undefined || printed?.equals(waiting) || output.signal.aborted) return;
    printed = waiting;
    output.write(waiting);
  }

  return {
    print(line: Buffer): undefined {
      waiting = line;
      turn ??= setImmediate(printNow);
    },
    async finish(): Promise<void> {
      printNow();
      if (!output.signal.aborted) await output.finish();
    },
  };
}
