// The destination as an Airbyte host drives it: spec, check, write.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConfiguredCatalog } from '../../core/catalog.ts';
import { streamKey } from '../../core/catalog.ts';
import type { Destination } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import { sha256 } from '../../core/hash.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { toJsonSchema } from '../../core/json-schema.ts';
import { parseSettings } from '../../core/settings.ts';
import { type DuckDbSettings, duckDbSettings } from '../../destinations/duckdb/config.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { duckDbMegabytes } from '../../process/memory.ts';
import type { ProgramIo } from '../../process/program.ts';
import { parseConfiguredCatalog } from '../../protocol/airbyte/catalog.ts';
import { airbyte } from '../../protocol/airbyte/dialect.ts';
import { encodeFailure, encodeSpec } from '../../protocol/airbyte/encode.ts';
import { answerCheck, type FaceContext, runFace } from './face.ts';

/** What `spec` answers. */
export function destinationSpec(): JsonObject {
  return {
    documentationUrl: 'https://www.npmjs.com/package/gong-elt',
    supported_destination_sync_modes: ['append', 'append_dedup'],
    connectionSpecification: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'DuckDB',
      ...toJsonSchema(duckDbSettings, 'input'),
      additionalProperties: true,
    },
  };
}

export function runAirbyteDestination(io: ProgramIo, name: string): Promise<number> {
  return runFace(io, name, {
    async spec({ output }) {
      await output.write(encodeSpec(destinationSpec()));
      return exitCodes.complete;
    },
    check: (context) =>
      answerCheck(context, async () => {
        const settings = parseDuckDbSettings(await context.readConfig());
        await refuseOwnDisk(settings.path, context.io);
        const destination = await openDuckDb(settings, 'airbyte-check', context);
        await destination.preflight().finally(() => destination.close());
        return { ok: true, message: 'ok' };
      }),
    write,
  });
}

async function write(context: FaceContext): Promise<number> {
  const { io, output, log, signal } = context;
  const settings = parseDuckDbSettings(await context.readConfig());
  const catalog = parseConfiguredCatalog(await context.readCatalog(), 'destination_sync_mode');
  refuseRefreshes(catalog);
  const { createLoader } = await import('../../load/loader.ts');
  const { loadLines, logSummary } = await import('../../pipeline/load-lines.ts');
  const destination = await openDuckDb(settings, connectionOf(catalog), context);
  try {
    const { clock, crashPoint } = io;
    const loader = createLoader({ destination, catalog, batchBytes: settings.batch_bytes, clock, crashPoint, log });
    await destination.preflight();
    const { summary, incomplete } = await loadLines({
      input: io.stdin,
      decoder: airbyte.createDecoder(catalog),
      loader,
      clock,
      log,
      acknowledge: (line) => output.write(line),
      signal,
    });
    logSummary(summary, log);
    if (incomplete === undefined) return exitCodes.complete;
    const message = `Everything that could be read is stored, but ${incomplete}. → look at the program that wrote it, then run again`;
    await output.write(encodeFailure({ message, failureType: 'system_error' }, clock));
    return exitCodes.incomplete;
  } finally {
    await destination.close();
  }
}

function parseDuckDbSettings(config: JsonValue): DuckDbSettings {
  return parseSettings(duckDbSettings, config);
}

async function openDuckDb(
  settings: DuckDbSettings,
  connection: string,
  { io, log }: FaceContext,
): Promise<Destination> {
  const { createDuckDbDestination } = await import('../../destinations/duckdb/destination.ts');
  const { airbyteMetadata } = await import('../../tables/record-metadata.ts');
  return createDuckDbDestination({
    path: settings.path,
    connection,
    schema: settings.default_schema,
    memoryLimit: settings.memory_limit,
    mostMegabytes: duckDbMegabytes(),
    metadata: settings.add_record_metadata ? airbyteMetadata : undefined,
    clock: io.clock,
    crashPoint: io.crashPoint,
    log,
  });
}

/** A host does not say which connection this is: the same streams into the same file are the same one. */
export function connectionOf(catalog: ConfiguredCatalog): string {
  const streams = catalog.map(({ stream }) => streamKey(stream)).sort();
  return `airbyte-${sha256(JSON.stringify(streams)).slice(0, 16)}`;
}

/**
 * A refresh asks that rows of earlier generations go, which is not built yet. Before the first generation there are none, so
 * that one may pass (PyAirbyte numbers every run 1).
 */
export function refuseRefreshes(catalog: ConfiguredCatalog): void {
  const refreshed = catalog.filter(({ minimumGenerationId = 0 }) => minimumGenerationId > 1);
  if (refreshed.length > 0)
    throw new ConnectorError(
      `This version cannot remove the rows of earlier refreshes: ${refreshed.map(({ stream }) => stream.name).join(', ')}.`,
      { area: 'config', hint: 'sync without refreshing the stream, or drop its table and sync again' },
    );
}

/** Under the platform each sync has a container of its own: what is not on a volume is gone with it, and nobody would say so. */
async function refuseOwnDisk(path: string, { env, cwd }: ProgramIo): Promise<void> {
  if (env['WORKER_JOB_ID'] === undefined && env['WORKER_CONNECTOR_IMAGE'] === undefined) return;
  const [own, chosen] = await Promise.all([stat('/'), stat(dirname(resolve(cwd, path))).catch(() => undefined)]);
  if (chosen?.dev !== own.dev) return;
  throw new ConnectorError(`${path} is on the disk of this container, which is gone after the sync.`, {
    area: 'config',
    hint: 'mount a volume into the pods of this destination and name a file on it',
    fields: { path },
  });
}
