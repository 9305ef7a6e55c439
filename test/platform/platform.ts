// Airbyte's platform as far as connectors notice it: it stands between source and destination, forwards RECORD and STATE only,
// numbers the states, wants each one back once and in order with equal counts, and keeps what came back.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { destinationBin, parseMessage, sourceBin } from '../hosts/airbyte/bins.ts';
import { endsWithUs } from '../support/ends-with-us.ts';

type Side = 'source' | 'destination';

/** What happens when so many lines of a kind have passed the platform. */
export interface Disturbance {
  readonly after: { readonly records: number } | { readonly states: number } | { readonly echoes: number };
  /** Signals for either side or both, and a hang-up: the platform stops reading the source. */
  readonly kill?: readonly Side[];
  readonly signal?: NodeJS.Signals;
  readonly closesSourceOutput?: boolean;
}

export interface SyncOptions {
  readonly disturbance?: Disturbance;
  /** Milliseconds to wait after each line of the source. */
  readonly slowMs?: number;
  /** Optional members as explicit nulls, as PyAirbyte writes them. */
  readonly nullFilled?: boolean;
}

export interface SyncOutcome {
  readonly codes: Readonly<Record<Side, number | null>>;
  readonly signals: Readonly<Record<Side, NodeJS.Signals | null>>;
  /** What the platform would complain about. */
  readonly problems: readonly string[];
  /** `stream STATUS` of the source, in order. */
  readonly statuses: readonly string[];
  /** LOG and TRACE ERROR texts of both sides. */
  readonly texts: readonly string[];
  readonly records: number;
  /** Keys of the records behind the states that came back, by stream: they must be in the table. */
  readonly acknowledged: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface PlatformFiles {
  readonly folder: string;
  readonly sourceConfig: string;
  readonly destinationConfig: string;
}

export interface Platform {
  /** By stream: what came back. Changing it is resetting or restoring a connection. */
  readonly states: Map<string, JsonObject>;
  /** @param streams configured streams, as `discover` describes them */
  sync(streams: readonly JsonObject[], options?: SyncOptions): Promise<SyncOutcome>;
}

const keys: Readonly<Record<string, string>> = { calls: 'call_id', transcripts: 'call_id', semarize_runs: 'run_id' };

interface SentState {
  readonly id: number;
  readonly records: unknown;
  readonly content: JsonObject;
  /** Of all records of the stream so far. */
  readonly keys: readonly string[];
}

export function createPlatform({ folder, sourceConfig, destinationConfig }: PlatformFiles): Platform {
  const states = new Map<string, JsonObject>();
  let ids = 0;

  async function sync(streams: readonly JsonObject[], options: SyncOptions = {}): Promise<SyncOutcome> {
    const catalog = join(folder, 'platform-catalog.json');
    await writeFile(catalog, JSON.stringify({ streams: streams.map(configure) }));
    const args = ['--config', sourceConfig, '--catalog', catalog];
    if (states.size > 0) {
      const path = join(folder, 'platform-state.json');
      await writeFile(path, JSON.stringify([...states].map(([name, state]) => toStateEntry(name, state))));
      args.push('--state', path);
    }
    return await transfer(new Set(streams.map(({ name }) => String(name))), args, catalog, options);
  }

  async function transfer(
    configured: ReadonlySet<string>,
    args: readonly string[],
    catalog: string,
    { disturbance, slowMs = 0, nullFilled = false }: SyncOptions,
  ): Promise<SyncOutcome> {
    const children: Record<Side, ChildProcess> = {
      source: endsWithUs(spawn(process.execPath, [sourceBin, 'read', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })),
      destination: endsWithUs(
        spawn(process.execPath, [destinationBin, 'write', '--config', destinationConfig, '--catalog', catalog], {
          stdio: ['pipe', 'pipe', 'pipe'],
        }),
      ),
    };
    const ended = { source: once(children.source, 'close'), destination: once(children.destination, 'close') };
    const problems: string[] = [];
    const statuses: string[] = [];
    const texts: string[] = [];
    const counts = { records: 0, states: 0, echoes: 0 };
    const sent = new Map<string, SentState[]>();
    const written = new Map<string, string[]>();
    const acknowledged = new Map<string, Set<string>>();
    let isDisturbed = false;

    const disturb = (kind: keyof typeof counts) => {
      counts[kind] += 1;
      if (disturbance === undefined || isDisturbed) return;
      const after = (disturbance.after as Partial<typeof counts>)[kind];
      if (after === undefined || counts[kind] < after) return;
      isDisturbed = true;
      for (const side of disturbance.kill ?? []) children[side].kill(disturbance.signal ?? 'SIGKILL');
      if (disturbance.closesSourceOutput) children.source.stdout?.destroy();
    };

    const readMessage = (side: Side, line: string): JsonObject | undefined => {
      try {
        // What the platform itself has filled in comes back as it was, and is not judged.
        const message = parseMessage(nullFilled ? withoutNulls(line) : line);
        return nullFilled ? (JSON.parse(line) as JsonObject) : message;
      } catch (error) {
        // Half a line: its writer was killed.
        if (isDisturbed && error instanceof SyntaxError) return undefined;
        problems.push(`${side} printed what is no message: ${String(error)}`);
        return undefined;
      }
    };

    const toDestination = async (message: JsonObject) => {
      const { stdin } = children.destination;
      if (stdin === null || stdin.destroyed || !stdin.writable) return;
      if (!stdin.write(`${JSON.stringify(nullFilled ? fillWithNulls(message) : message)}\n`))
        await Promise.race([once(stdin, 'drain').catch(() => {}), ended.destination]);
    };

    const pumpSource = async () => {
      for await (const line of linesOf(children.source)) {
        const message = readMessage('source', line);
        if (message === undefined) continue;
        const { record, state, trace, log } = message;
        if (message['type'] === 'RECORD' && isJsonObject(record)) {
          const stream = String(record['stream']);
          if (!configured.has(stream)) problems.push(`a record of ${stream}, which is not configured`);
          const data = isJsonObject(record['data']) ? record['data'] : {};
          written.set(stream, [...(written.get(stream) ?? []), String(data[keys[stream] ?? ''])]);
          await toDestination(message);
          disturb('records');
        } else if (message['type'] === 'STATE' && isJsonObject(state)) {
          const { stream, content } = readState(state);
          ids += 1;
          const own = sent.get(stream) ?? [];
          const records = isJsonObject(state['sourceStats']) ? state['sourceStats']['recordCount'] : undefined;
          own.push({ id: ids, records, content, keys: [...(written.get(stream) ?? [])] });
          sent.set(stream, own);
          await toDestination({ ...message, state: { ...state, id: ids } });
          disturb('states');
        } else noteTexts(trace, log);
        if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
      }
      // As the platform does, also when the source failed: its destination sees the end of its input.
      children.destination.stdin?.end();
    };

    const noteTexts = (trace: unknown, log: unknown) => {
      if (isJsonObject(log)) texts.push(String(log['message']));
      if (!isJsonObject(trace)) return;
      const { error, stream_status: status } = trace;
      if (isJsonObject(error)) texts.push(String(error['message']));
      if (isJsonObject(status) && isJsonObject(status['stream_descriptor']))
        statuses.push(`${String(status['stream_descriptor']['name'])} ${String(status['status'])}`);
    };

    const pumpDestination = async () => {
      for await (const line of linesOf(children.destination)) {
        const message = readMessage('destination', line);
        if (message === undefined) continue;
        const { state, trace, log } = message;
        if (message['type'] !== 'STATE' || !isJsonObject(state)) {
          noteTexts(trace, log);
          continue;
        }
        const { stream, content } = readState(state);
        const expected = sent.get(stream)?.shift();
        if (expected === undefined) problems.push(`a state of ${stream} came back that was not sent`);
        else if (state['id'] !== expected.id)
          problems.push(`state ${String(state['id'])} came back, not ${expected.id}`);
        else {
          const stored = isJsonObject(state['destinationStats']) ? state['destinationStats']['recordCount'] : undefined;
          if (stored !== expected.records)
            problems.push(`${stream}: ${String(stored)} of ${String(expected.records)} records`);
          if (JSON.stringify(content) !== JSON.stringify(expected.content))
            problems.push(`a state of ${stream} was changed`);
          states.set(stream, expected.content);
          acknowledged.set(stream, new Set(expected.keys));
        }
        disturb('echoes');
      }
    };

    children.destination.stdin?.on('error', () => {});
    for (const side of ['source', 'destination'] as const) children[side].stderr?.resume();
    await Promise.all([pumpSource(), pumpDestination()]);
    const [[sourceCode, sourceSignal], [destinationCode, destinationSignal]] = await Promise.all([
      ended.source,
      ended.destination,
    ]);
    if (destinationCode === 0)
      for (const [stream, left] of sent)
        if (left.length > 0) problems.push(`${left.length} states of ${stream} never came back`);
    return {
      codes: { source: sourceCode, destination: destinationCode },
      signals: { source: sourceSignal, destination: destinationSignal },
      problems,
      statuses,
      texts,
      records: counts.records,
      acknowledged,
    };
  }

  return { states, sync };
}

async function* linesOf({ stdout }: ChildProcess): AsyncGenerator<string> {
  let begun = '';
  try {
    for await (const chunk of stdout?.setEncoding('utf8') ?? []) {
      const lines = `${begun}${String(chunk)}`.split('\n');
      begun = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    // We hung up ourselves.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    return;
  }
  if (begun !== '') yield begun;
}

function configure(stream: JsonObject): JsonObject {
  return {
    stream,
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    primary_key: stream['source_defined_primary_key'] ?? [],
    cursor_field: stream['default_cursor_field'] ?? [],
  };
}

function toStateEntry(name: string, state: JsonObject): JsonObject {
  return { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: state } };
}

function readState(state: JsonObject): { stream: string; content: JsonObject } {
  const { stream } = state;
  const descriptor = isJsonObject(stream) ? stream['stream_descriptor'] : undefined;
  const content = isJsonObject(stream) ? stream['stream_state'] : undefined;
  return {
    stream: isJsonObject(descriptor) ? String(descriptor['name']) : '',
    content: isJsonObject(content) ? content : {},
  };
}

function withoutNulls(line: string): string {
  return JSON.stringify(JSON.parse(line), (_, value) => (value === null ? undefined : value));
}

function fillWithNulls(message: JsonObject): JsonObject {
  const { record, state } = message;
  const absent = { log: null, spec: null, connectionStatus: null, catalog: null, trace: null, control: null };
  return {
    ...absent,
    ...message,
    record: isJsonObject(record) ? { namespace: null, meta: null, file_reference: null, ...record } : null,
    state: isJsonObject(state) ? { global_: null, data: null, destinationStats: null, ...state } : null,
  };
}
