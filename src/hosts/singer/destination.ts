// The loader as a Singer host drives it: records on stdin into a DuckDB file or a lake of Delta tables, durable states on stdout.
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { toJsonSchema } from '../../core/json-schema.ts';
import { createAcknowledger } from '../../pipeline/acknowledge.ts';
import { connectionOfPipeline } from '../../pipeline/connection.ts';
import { placeFrom } from '../../pipeline/places/place-of.ts';
import { endOfRun } from '../../process/ending.ts';
import type { ProgramIo } from '../../process/program.ts';
import { singer } from '../../protocol/singer/dialect.ts';
import type { SingerAbout } from './about.ts';
import { parseTargetSettings, targetSettings } from './destination-settings.ts';
import { runSingerFace, type SingerContext } from './face.ts';
import { createRecordCounter } from './record-counter.ts';

const usage = '--config FILE|ENV [--input FILE] [--about [--format json]] [--version] < messages';

export function runSingerDestination(io: ProgramIo, name: string): Promise<number> {
  return runSingerFace(io, name, usage, async () => aboutTarget(name), load);
}

export function aboutTarget(name: string): SingerAbout {
  return {
    name,
    description: 'Singer records into a DuckDB file or a lake of Delta tables',
    capabilities: [
      'about',
      'activate-version',
      'soft-delete',
      'hard-delete',
      'batch',
      'target-schema',
      'validate-records',
      'structured-logging',
    ],
    settings: toJsonSchema(targetSettings, 'input'),
  };
}

async function load(context: SingerContext): Promise<number> {
  const { io, flags, output, words, signal } = context;
  const { clock, env } = io;
  const { settings, unknown } = parseTargetSettings(await context.readConfig());
  if (unknown.length > 0)
    words.log('warn', `settings that this target does not have are left alone: ${unknown.join(', ')}`);
  const { incompleteLoad, runLoad } = await import('../../pipeline/load.ts');
  const { warnOfUndeclared, warnOfUnversioned } = await import('../../pipeline/stream-warnings.ts');
  const { singerMetadata } = await import('../../pipeline/metadata-columns.ts');
  const { default_target_schema: schema, add_record_metadata: addRecordMetadata } = settings;
  const states = createAcknowledger(output, singer.hasWholeStates);
  const counter = createRecordCounter(clock, words.metric);
  const options = {
    place: placeFrom(io.cwd, settings.path, settings.path, settings.single_writer),
    connection: connectionOfPipeline(env['MELTANO_EXTRACTOR_NAME'] ?? '', schema ?? ''),
    schema,
    memoryLimit: settings.memory_limit,
    metadata: addRecordMetadata ? singerMetadata(() => clock.now()) : undefined,
    catalog: [],
    batchRows: settings.batch_size_rows,
    input: flags.input === undefined ? io.stdin : createReadStream(resolve(io.cwd, flags.input)),
    decoder: singer.createDecoder({
      loadMethod: settings.load_method,
      hasDefaultSchema: schema !== undefined,
      addRecordMetadata,
      isStrict: settings.validate_records,
      hardDelete: settings.hard_delete,
      obeysActivations: settings.process_activate_version_messages,
      onUnversioned: (stream: string) => warnOfUnversioned(words.log, stream),
      now: () => clock.now(),
      onUndeclared: (stream: string, property: string) => warnOfUndeclared(words.log, stream, property),
    }),
    failsOnBrokenLine: singer.endsAtBrokenLine,
    hasWholeStates: singer.hasWholeStates,
    onMissingCompletion: settings.on_missing_completion,
    batchFolders: { cwd: io.cwd, root: settings.batch_root },
    acknowledge: states.print,
    onRecord: counter.add,
  };
  let isDone = false;
  try {
    const incomplete = incompleteLoad(await runLoad(options, { ...io, log: words.log, signal }));
    isDone = incomplete === undefined;
    return endOfRun(incomplete, words);
  } finally {
    await states.finish();
    counter.finish(isDone);
  }
}
