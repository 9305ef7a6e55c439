// The Airbyte bins as processes, and their messages checked against the protocol's schema.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/core/json.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import { findSchemaProblems } from '../../protocol/json-schema-check.ts';
import { writeJson } from '../../support/folder.ts';
import type { Ended, RunOptions } from '../../support/run-node.ts';
import { root, runNode } from '../../support/run-node.ts';
import type { SourcePlace } from '../../support/source-place.ts';

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
