// The destination as an Airbyte host drives it: spec, check, write.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { toJsonSchema } from '../../core/json-schema.ts';
import { parseSettings } from '../../core/settings.ts';
import { createAcknowledger } from '../../pipeline/acknowledge.ts';
import { connectionOfStreams } from '../../pipeline/connection.ts';
import type { DestinationOptions, Place } from '../../pipeline/places/place.ts';
import { placeFrom } from '../../pipeline/places/place-of.ts';
import { type DuckDbSettings, duckDbSettings } from '../../pipeline/places/settings.ts';
import { endOfRun } from '../../process/ending.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { parseConfiguredCatalog } from '../../protocol/airbyte/catalog.ts';
import { airbyte } from '../../protocol/airbyte/dialect.ts';
import { encodeSpec } from '../../protocol/airbyte/encode.ts';
import { type AirbyteContext, answerCheck, runAirbyteFace } from './face.ts';

/** What `spec` answers. */
export function destinationSpec(): JsonObject {
  return {
    documentationUrl: 'https://www.npmjs.com/package/gong-elt',
    supported_destination_sync_modes: ['overwrite', 'append', 'append_dedup'],
    connectionSpecification: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'DuckDB or Parquet',
      ...toJsonSchema(duckDbSettings, 'input'),
      additionalProperties: true,
    },
  };
}

export function runAirbyteDestination(io: ProgramIo, name: string): Promise<number> {
  return runAirbyteFace(io, name, {
    async spec({ output }) {
      await output.write(encodeSpec(destinationSpec()));
      return exitCodes.complete;
    },
    check: (context) => answerCheck(context, () => check(context)),
    write,
  });
}

async function check({ io, words, signal, readConfig }: AirbyteContext): Promise<undefined> {
  const settings = parseDuckDbSettings(await readConfig());
  const place = placeFrom(io.cwd, settings.path, settings.path, settings.single_writer);
  await refuseOwnDisk(place, io);
  const options = { ...(await destinationOptions(settings)), connection: 'airbyte-check' };
  const destination = await place.openDestination(options, { ...io, log: words.log, signal });
  await destination.preflight().finally(() => destination.close());
}

async function write(context: AirbyteContext): Promise<number> {
  const { io, output, words, signal } = context;
  const settings = parseDuckDbSettings(await context.readConfig());
  const catalog = parseConfiguredCatalog(await context.readCatalog(), 'destination_sync_mode');
  const { incompleteLoad, runLoad } = await import('../../pipeline/load.ts');
  const states = createAcknowledger(output, airbyte.hasWholeStates);
  const options = {
    ...(await destinationOptions(settings)),
    place: placeFrom(io.cwd, settings.path, settings.path, settings.single_writer),
    connection: connectionOfStreams(catalog),
    catalog,
    batchBytes: settings.batch_bytes,
    input: io.stdin,
    decoder: airbyte.createDecoder(catalog),
    failsOnBrokenLine: airbyte.endsAtBrokenLine,
    hasWholeStates: airbyte.hasWholeStates,
    onMissingCompletion: settings.on_missing_completion,
    acknowledge: states.print,
  };
  try {
    const result = await runLoad(options, { ...io, log: words.log, signal });
    return endOfRun(incompleteLoad(result), words);
  } finally {
    await states.finish();
  }
}

function parseDuckDbSettings(config: JsonObject): DuckDbSettings {
  return parseSettings(duckDbSettings, config);
}

async function destinationOptions(settings: DuckDbSettings): Promise<DestinationOptions> {
  const { airbyteMetadata } = await import('../../pipeline/metadata-columns.ts');
  return {
    schema: settings.default_schema,
    memoryLimit: settings.memory_limit,
    metadata: settings.add_record_metadata ? airbyteMetadata : undefined,
  };
}

/** Under the platform each sync has a container of its own: what is not on a volume is gone with it, and nobody would say so. */
async function refuseOwnDisk({ path, shown }: Place, { env }: ProgramIo): Promise<void> {
  if (env['WORKER_JOB_ID'] === undefined && env['WORKER_CONNECTOR_IMAGE'] === undefined) return;
  // A folder may be the mount itself; what is not there yet is made in the folder above.
  const [own, chosen] = await Promise.all([
    stat('/'),
    stat(path).catch(() => stat(dirname(path)).catch(() => undefined)),
  ]);
  if (chosen?.dev !== own.dev) return;
  throw new ConnectorError(`${shown} is on the disk of this container, which is gone after the sync.`, {
    area: 'config',
    hint: 'mount a volume into the pods of this destination and name a file or folder on it',
    fields: { path: shown },
  });
}
