// The loader as a Singer host drives it: records on stdin into a DuckDB file or a Parquet lake, durable states on stdout.
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { toJsonSchema } from '../../core/json-schema.ts';
import type { LineWriter } from '../../jsonl/writer.ts';
import { connectionOfPipeline } from '../../pipeline/connection.ts';
import { placeOf } from '../../pipeline/places/place-of.ts';
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
  const { clock, env } = io;
  const settings = readSettings(context, (await context.readConfig()) ?? {});
  const { runLoad } = await import('../../pipeline/load.ts');
  const { warnOfUndeclared } = await import('../../pipeline/load-lines.ts');
  const { singerMetadata } = await import('../../pipeline/metadata-columns.ts');
  const { createSingerDecoder } = await import('../../protocol/singer/decode.ts');
  const { default_target_schema: schema, add_record_metadata: addRecordMetadata } = settings;
  const states = createStatePrinter(output);
  const counter = createRecordCounter(clock, metric);
  const options = {
    place: placeOf(resolve(io.cwd, settings.path), settings.path),
    connection: connectionOfPipeline(env['MELTANO_EXTRACTOR_NAME'] ?? '', schema ?? ''),
    schema,
    memoryLimit: settings.memory_limit,
    metadata: addRecordMetadata ? singerMetadata(() => clock.now()) : undefined,
    catalog: [],
    batchRows: settings.batch_size_rows,
    input: flags.input === undefined ? io.stdin : createReadStream(resolve(io.cwd, flags.input)),
    decoder: createSingerDecoder({
      loadMethod: settings.load_method,
      hasDefaultSchema: schema !== undefined,
      addRecordMetadata,
      isStrict: settings.validate_records,
      now: () => clock.now(),
      onUndeclared: (stream: string, property: string) => warnOfUndeclared(log, stream, property),
    }),
    failsOnBrokenLine: true,
    acknowledge: states.print,
    onRecord: counter.add,
  };
  let isDone = false;
  try {
    const { incomplete } = await runLoad(options, { ...io, log, signal });
    isDone = incomplete === undefined;
    if (isDone) return exitCodes.complete;
    log('error', `Everything that could be read is stored, but ${incomplete}.`);
    return exitCodes.incomplete;
  } finally {
    await states.finish();
    counter.finish(isDone);
  }
}

function readSettings({ log }: SingerContext, given: Parameters<typeof parseTargetSettings>[0]): TargetSettings {
  const { settings, unknown } = parseTargetSettings(given);
  if (unknown.length > 0) log('warn', `settings that this target does not have are left alone: ${unknown.join(', ')}`);
  return settings;
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
