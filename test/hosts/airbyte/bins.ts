// The Airbyte bins as processes, their files, and their messages checked against the protocol's schema.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import type { WorldOptions } from '../../../src/sandbox/world/create-world.ts';
import { createWorld } from '../../../src/sandbox/world/create-world.ts';
import type { World } from '../../../src/sandbox/world/world.ts';
import { findSchemaProblems } from '../../protocol/json-schema-check.ts';
import type { Ended, RunOptions } from '../../support/run-node.ts';
import { root, runNode } from '../../support/run-node.ts';
import { sourceSettings } from '../../support/source-settings.ts';

export const sourceBin = join(root, 'dist/bin/source-gong-semarize.js');
export const destinationBin = join(root, 'dist/bin/destination-duckdb.js');

const protocol = JSON.parse(readFileSync(join(root, 'test/fixtures/airbyte-protocol.json'), 'utf8')) as JsonObject;

export const runSource = (args: readonly string[], options?: RunOptions) => runNode([sourceBin, ...args], options);
export const runDestination = (args: readonly string[], options?: RunOptions) =>
  runNode([destinationBin, ...args], options);

/** One line as a message of the protocol. @throws when it is none, or lacks the member that its type calls for */
export function parseMessage(line: string): JsonObject {
  const message = JSON.parse(line) as JsonObject;
  const problems = findSchemaProblems(protocol, message);
  const type = String(message['type']);
  // The schema does not tie a type to its member.
  const member = type === 'CONNECTION_STATUS' ? 'connectionStatus' : type.toLowerCase();
  if (!isJsonObject(message[member])) problems.push(`no ${member}`);
  if (problems.length > 0) throw new Error(`${problems.join('; ')} in a ${type}`);
  return message;
}

/** The messages on stdout; throws when a line is no message of the protocol. */
export function messagesOf({ stdout }: Pick<Ended, 'stdout'>): JsonObject[] {
  if (stdout === '') return [];
  if (!stdout.endsWith('\n')) throw new Error('stdout ends inside a line');
  return stdout.slice(0, -1).split('\n').map(parseMessage);
}

/** The payloads of the messages of one type. */
export function payloadsOf(messages: readonly JsonObject[], type: string, key = type.toLowerCase()): JsonObject[] {
  return messages.flatMap((message) => (message['type'] === type && isJsonObject(message[key]) ? [message[key]] : []));
}

/** What hosts are told of failures. */
export function errorsOf(messages: readonly JsonObject[]): JsonObject[] {
  return payloadsOf(messages, 'TRACE').flatMap(({ error }) => (isJsonObject(error) ? [error] : []));
}

/** Stream and status, in order. */
export function statusesOf(messages: readonly JsonObject[]): string[] {
  return payloadsOf(messages, 'TRACE').flatMap(({ stream_status: status }) =>
    isJsonObject(status) && isJsonObject(status['stream_descriptor'])
      ? [`${String(status['stream_descriptor']['name'])} ${String(status['status'])}`]
      : [],
  );
}

/** A folder that goes when the test ends. */
export async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-airbyte-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeJson(folder: string, name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

export interface SourcePlace {
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Path of the config file. */
  readonly config: string;
  readonly settings: JsonObject;
}

/** A sandbox and a config file that reads it; both go when the test ends. */
export async function openSourcePlace(
  world: WorldOptions | World = {},
  settings: JsonObject = {},
): Promise<SourcePlace> {
  const made = isMade(world) ? world : createWorld({ calls: 20, endsAt: Date.now(), ...world });
  const sandbox = await startSandbox({ world: made });
  Object.assign(sandbox.settings, {
    runRetryAfterSeconds: null,
    runEnds: { afterPolls: 0 },
    gongRequestsPerSecond: Number.POSITIVE_INFINITY,
  });
  onTestFinished(() => sandbox.close());
  const folder = await openFolder();
  const all: JsonObject = {
    ...sourceSettings(sandbox),
    start_date: new Date(Date.now() - 120 * 86_400_000).toISOString(),
    kits: [{ code: 'A1B2C3D4' }],
    semarize_concurrency: 50,
    gong_requests_per_second: 100,
    ...settings,
  };
  return { sandbox, folder, settings: all, config: await writeJson(folder, 'config.json', all) };
}

function isMade(world: WorldOptions | World): world is World {
  return Array.isArray(world.calls);
}

/** A configured catalog as a host makes it of what `discover` printed. */
export async function discoverCatalog(
  place: SourcePlace,
  choice: JsonObject = {},
): Promise<{ path: string; streams: JsonObject[] }> {
  const [catalog] = payloadsOf(messagesOf(await runSource(['discover', '--config', place.config])), 'CATALOG');
  const streams = (catalog?.['streams'] ?? []) as JsonObject[];
  const configured = streams.map((stream) => ({
    stream,
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    primary_key: stream['source_defined_primary_key'] ?? [],
    cursor_field: stream['default_cursor_field'] ?? [],
    ...choice,
  }));
  return { path: await writeJson(place.folder, 'catalog.json', { streams: configured }), streams };
}
