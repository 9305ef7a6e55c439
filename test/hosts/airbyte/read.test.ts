// What the source face makes of a source's messages and errors: sources here are scripts, everything else is real.
import { describe, expect, it } from 'vitest';
import { ConnectorError, type ErrorArea, StoppedError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Message } from '../../../src/core/message.ts';
import { runAirbyteSource } from '../../../src/hosts/airbyte/source.ts';
import type { HostSource } from '../../../src/pipeline/source.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import { openProgram } from '../../support/program-io.ts';
import { row, status, streams } from '../../support/scripted-source.ts';
import { errorsOf, messagesOf, payloadsOf, statusesOf } from './bins.ts';

interface Run {
  read: (written: () => string, signal: AbortSignal) => AsyncGenerator<Message>;
  argv?: string[];
  env?: Record<string, string>;
  signal?: AbortSignal;
  check?: HostSource['check'];
}

async function run({ read, argv, env = {}, signal = new AbortController().signal, check }: Run) {
  const folder = await openFolder();
  const config = await writeJson(folder, 'config.json', {});
  const chosen = streams.map(({ name }) => ({
    stream: { name, json_schema: {} },
    sync_mode: 'incremental',
    destination_sync_mode: 'append',
  }));
  const catalog = await writeJson(folder, 'catalog.json', { streams: chosen });
  const program = openProgram({
    argv: argv ?? ['read', '--config', config, '--catalog', catalog],
    env,
    cwd: folder,
    signal,
  });
  let closed = false;
  const code = await runAirbyteSource(program.io, 'source', async (_, io) => {
    io.redactor.learn('canary-secret');
    return {
      discover: () => streams,
      check: check ?? (async () => []),
      read: ({ signal: aborted }) => read(program.stdout, aborted),
      close: async () => {
        closed = true;
      },
    };
  });
  expect(closed || argv !== undefined).toBe(true);
  const stdout = program.stdout();
  return { code, stdout, messages: messagesOf({ stdout }) };
}

describe('a read that fails', () => {
  it.each<[ErrorArea, number, string]>([
    ['config', 2, 'config_error'],
    ['credentials', 3, 'config_error'],
    ['quota', 4, 'transient_error'],
    ['service', 6, 'transient_error'],
    ['bug', 70, 'system_error'],
  ])('because of %s ends with %i and a %s, behind everything it had', async (area, code, failureType) => {
    const ended = await run({
      async *read() {
        yield status('calls', 'started');
        yield row('calls', '1');
        yield { type: 'state', stream: 'calls', state: { v: 1 } };
        yield status('calls', 'incomplete');
        throw new ConnectorError('What happened.', { area, hint: 'do this' });
      },
    });
    expect(ended.code).toBe(code);
    expect(ended.messages.map(({ type }) => type)).toEqual(['TRACE', 'RECORD', 'STATE', 'TRACE', 'TRACE']);
    expect(errorsOf(ended.messages)).toMatchObject([
      { message: 'What happened. → do this', failure_type: failureType },
    ]);
  });

  it('names the stream when the error does', async () => {
    const ended = await run({
      // biome-ignore lint/correctness/useYield: it fails before it has anything
      async *read() {
        throw new ConnectorError('What happened.', { area: 'service', stream: 'transcripts' });
      },
    });
    expect(errorsOf(ended.messages)).toMatchObject([{ stream_descriptor: { name: 'transcripts' } }]);
  });

  it('without an error of its own is told as incomplete', async () => {
    const ended = await run({
      async *read() {
        yield status('calls', 'complete');
        yield status('transcripts', 'incomplete');
      },
    });
    expect(ended.code).toBe(1);
    expect(errorsOf(ended.messages)).toMatchObject([
      { failure_type: 'system_error', message: expect.stringContaining('transcripts') },
    ]);
    expect(statusesOf(ended.messages)).toEqual(['calls COMPLETE', 'transcripts INCOMPLETE']);
  });

  it('by a signal is no error', async () => {
    const controller = new AbortController();
    const ended = await run({
      signal: controller.signal,
      async *read(_, signal) {
        yield row('calls', '1');
        controller.abort(new StoppedError('stopped by SIGTERM'));
        signal.throwIfAborted();
      },
    });
    expect(ended.code).toBe(1);
    expect(errorsOf(ended.messages)).toEqual([]);
    expect(payloadsOf(ended.messages, 'LOG')).toEqual([{ level: 'WARN', message: 'stopped by SIGTERM' }]);
  });
});

describe('what a source says', () => {
  it('has left the process when the source goes on behind a state', async () => {
    let seen = '';
    await run({
      async *read(written) {
        yield row('calls', '1');
        yield { type: 'state', stream: 'calls', state: { intent: 'run 7' } };
        // Here money would be spent.
        seen = written();
      },
    });
    expect(seen).toContain('"intent":"run 7"');
  });

  it('in logs passes the redaction and the level that the host sets', async () => {
    const read = async function* (): AsyncGenerator<Message> {
      for (const level of ['error', 'warn', 'info', 'debug'] as const)
        yield { type: 'log', level, message: `at ${level}`, fields: { key: 'canary-secret' } };
    };
    const levelsAt = async (env: Record<string, string>) =>
      payloadsOf((await run({ read, env })).messages, 'LOG').map(({ level }) => level);
    expect(await levelsAt({})).toEqual(['ERROR', 'WARN', 'INFO']);
    expect(await levelsAt({ LOG_LEVEL: 'DEBUG' })).toEqual(['ERROR', 'WARN', 'INFO', 'DEBUG']);
    expect(await levelsAt({ LOG_LEVEL: 'warn' })).toEqual(['ERROR', 'WARN']);
    expect((await run({ read })).stdout).not.toContain('canary');
  });

  it('in errors and answers passes the redaction as well', async () => {
    const failed = await run({
      // biome-ignore lint/correctness/useYield: it fails before it has anything
      async *read() {
        throw new ConnectorError('refused: canary-secret', {
          area: 'service',
          hint: 'not canary-secret',
          cause: new Error('canary-secret'),
        });
      },
    });
    expect(errorsOf(failed.messages)).toHaveLength(1);
    expect(failed.stdout).not.toContain('canary');
  });
});

describe('check', () => {
  const read = async function* (): AsyncGenerator<Message> {};
  const statusOf = ({ messages }: { messages: JsonObject[] }) =>
    payloadsOf(messages, 'CONNECTION_STATUS', 'connectionStatus');

  async function checkWith(check: HostSource['check']) {
    const folder = await openFolder();
    return await run({ read, check, argv: ['check', '--config', await writeJson(folder, 'config.json', {})] });
  }

  it('answers FAILED with 0 for whatever somebody else can set right', async () => {
    for (const area of ['config', 'credentials', 'quota', 'service', 'destination', 'busy'] as const) {
      const ended = await checkWith(async () => {
        throw new ConnectorError('No: canary-secret.', { area, hint: 'do this' });
      });
      expect([ended.code, statusOf(ended)]).toEqual([0, [{ status: 'FAILED', message: 'No: [redacted]. → do this' }]]);
    }
  });

  it('answers nothing, and fails, when the bug is ours', async () => {
    const ended = await checkWith(async () => {
      throw new TypeError('x is undefined');
    });
    expect([ended.code, statusOf(ended)]).toEqual([70, []]);
    expect(errorsOf(ended.messages)).toMatchObject([{ failure_type: 'system_error' }]);
  });
});
