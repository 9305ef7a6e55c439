// What the source face makes of a source's messages and errors: sources here are scripts, everything else is real.
import { describe, expect, test } from 'vitest';
import { ConnectorError, type ErrorArea, StoppedError } from '../../../src/core/errors.ts';
import type { Message } from '../../../src/core/message.ts';
import { runSingerSource } from '../../../src/hosts/singer/source.ts';
import { type Completeness, createCounts, toReport } from '../../../src/source/completeness.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import { openProgram } from '../../support/program-io.ts';
import { row, status, streams } from '../../support/scripted-source.ts';
import { linesOf } from './bins.ts';

interface Run {
  read: (written: () => string, signal: AbortSignal) => AsyncGenerator<Message>;
  argv?: string[];
  env?: Record<string, string>;
  signal?: AbortSignal;
}

async function run({ read, argv = [], env = {}, signal = new AbortController().signal }: Run) {
  const folder = await openFolder();
  const config = await writeJson(folder, 'config.json', {});
  const program = openProgram({ argv: ['--config', config, ...argv], env, cwd: folder, signal });
  let closed = false;
  const code = await runSingerSource(program.io, 'tap', async (_, io) => {
    io.redactor.learn('canary-secret');
    return {
      discover: () => streams,
      check: async () => [],
      read: ({ signal: aborted }) => read(program.stdout, aborted),
      close: async () => {
        closed = true;
      },
    };
  });
  expect(closed).toBe(true);
  const stdout = program.stdout();
  const stderr = program.stderr().split('\n').slice(0, -1);
  return { code, stdout, stderr, lines: linesOf({ stdout }) };
}

describe('a read that fails', () => {
  test.each<[ErrorArea, number]>([
    ['config', 2],
    ['credentials', 3],
    ['quota', 4],
    ['service', 6],
    ['bug', 70],
  ])('because of %s ends with %i and one last line, behind everything it had', async (area, code) => {
    const ended = await run({
      async *read() {
        yield status('calls', 'started');
        yield row('calls', '1');
        yield { type: 'state', stream: 'calls', state: { v: 1 } };
        throw new ConnectorError('What happened: canary-secret.', { area, hint: 'do this' });
      },
    });
    expect(ended.code).toBe(code);
    expect(ended.lines.map(({ type }) => type)).toEqual(['SCHEMA', 'RECORD', 'STATE']);
    expect(ended.stderr.at(-1)).toBe('CRITICAL What happened: [redacted]. → do this');
    expect(ended.stderr.join()).toContain('"status":"failed"');
  });

  test('without an error of its own is told as incomplete', async () => {
    const ended = await run({
      async *read() {
        yield status('calls', 'complete');
        yield status('transcripts', 'incomplete');
      },
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('ERROR Incomplete: transcripts. The next sync goes on from the last state.');
    expect(ended.stderr.join()).toContain('"status":"failed"');
  });

  test('by a signal is no error', async () => {
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
    expect(ended.stderr.at(-1)).toBe('WARNING stopped by SIGTERM');
  });
});

describe('what a source says', () => {
  test('has left the process when the source goes on behind a state', async () => {
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

  test('beside the data goes to stderr: logs, the report, and how long it waits', async () => {
    const { code, stdout, stderr } = await run({
      async *read() {
        yield { type: 'log', level: 'warn', message: 'odd', fields: { key: 'canary-secret' } };
        yield { ...status('calls', 'running'), rateLimitedUntil: Date.parse('2026-03-20T08:00:00Z') } as Message;
        yield { type: 'report', report: emptyReport };
      },
    });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toEqual(
      expect.arrayContaining([
        'WARNING odd key=[redacted]',
        'INFO calls waits until 2026-03-20T08:00:00.000Z',
        expect.stringMatching(/^INFO calls +listed 0/),
      ]),
    );
  });

  test('in logs passes the level that the host sets', async () => {
    const read = async function* (): AsyncGenerator<Message> {
      for (const level of ['error', 'warn', 'info', 'debug'] as const) yield { type: 'log', level, message: 'x' };
    };
    const levelsAt = async (env: Record<string, string>) =>
      (await run({ read, env })).stderr.filter((line) => line.endsWith(' x')).map((line) => line.split(' ')[0]);
    expect(await levelsAt({})).toEqual(['ERROR', 'WARNING', 'INFO']);
    expect(await levelsAt({ TAP_LOGLEVEL: 'debug' })).toEqual(['ERROR', 'WARNING', 'INFO', 'DEBUG']);
    expect(await levelsAt({ LOGLEVEL: 'WARNING', TAP_LOGLEVEL: 'error' })).toEqual(['ERROR']);
  });
});

const counts = createCounts();
const emptyReport = toReport({
  ...counts,
  transcripts: { ...counts.transcripts, pending: 0 },
  runs: { offered: false },
  closedThrough: null,
  gongRequests: { today: 0, perDay: 1 },
} as Completeness);
