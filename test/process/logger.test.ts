// Lines on stderr: for people, for machines, and without anything that does not belong there.
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConnectorError, toConnectorError } from '../../src/core/errors.ts';
import type { LoggerOptions } from '../../src/process/logger.ts';
import { createLogger } from '../../src/process/logger.ts';
import { createRedactor } from '../../src/process/redaction.ts';
import { createScreen } from '../../src/process/screen.ts';

function logged(options: Partial<LoggerOptions>, use: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const redactor = createRedactor();
  redactor.learn('canary-secret');
  const screen = createScreen(stream, false);
  use(
    createLogger({
      screen,
      redactor,
      format: 'human',
      level: 'info',
      details: false,
      color: false,
      now: () => 0,
      ...options,
    }),
  );
  return text;
}

const failure = new ConnectorError('Gong answered 401 on api.gong.io.', {
  area: 'credentials',
  hint: 'gong-elt check',
  fields: { http_status: 401, request_id: 'r-1', call_id: undefined },
  resumeAt: Date.parse('2026-01-01T00:00:00Z'),
});

describe('the logger', () => {
  it('gives people the message and the next step', () => {
    expect(logged({}, ({ error }) => error(failure))).toBe(
      'error: Gong answered 401 on api.gong.io. → gong-elt check\n',
    );
  });

  it('gives people fields with -vv only', () => {
    expect(logged({ details: true }, ({ error }) => error(failure))).toContain('http_status=401 request_id=r-1\n');
    expect(logged({}, ({ log }) => log('warn', 'slow', { call_id: '7' }))).toBe('warn: slow\n');
  });

  it('gives machines one JSON object a line, with code and time to resume', () => {
    const line = JSON.parse(logged({ format: 'json' }, ({ error }) => error(failure)));
    expect(line).toEqual({
      ts: '1970-01-01T00:00:00.000Z',
      level: 'error',
      msg: 'Gong answered 401 on api.gong.io.',
      http_status: 401,
      request_id: 'r-1',
      area: 'credentials',
      exit_code: 3,
      next_step: 'gong-elt check',
      resume_at: '2026-01-01T00:00:00.000Z',
    });
  });

  it.each([
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
  ] as const)('at level %s shows the lines of that level and above', (level, lines) => {
    const text = logged({ level }, ({ log }) => {
      for (const each of ['error', 'warn', 'info', 'debug'] as const) log(each, 'x');
    });
    expect(text.split('\n')).toHaveLength(lines + 1);
  });

  it('lets no secret out, in a message, a field or a hint', () => {
    for (const format of ['human', 'json'] as const) {
      const text = logged({ format, details: true, level: 'debug' }, ({ log, error }) => {
        log('debug', 'sent canary-secret', { route: 'x canary-secret' });
        error(
          new ConnectorError('m canary-secret', {
            area: 'bug',
            hint: 'h canary-secret',
            fields: { f: 'canary-secret' },
          }),
        );
      });
      expect(text).toContain('[redacted]');
      expect(text).not.toContain('canary-secret');
    }
  });

  it('shows where an error comes from with -vv, but not what a parser or a database quotes', () => {
    const cause = Object.assign(new Error('Could not convert string "my sentence" to INT32'), { code: 'E_CAST' });
    const wrapped = new ConnectorError('A row could not be stored.', { area: 'destination', cause });
    const text = logged({ details: true }, ({ error }) => error(wrapped));
    expect(text).toContain('caused by Error E_CAST');
    expect(text).toContain('logger.test.ts');
    expect(text).not.toContain('sentence');
  });

  it('hides what stands in a foreign error that became our bug', () => {
    let text = '';
    try {
      JSON.parse('my sentence');
    } catch (error) {
      text = logged({ details: true }, (logger) => logger.error(toConnectorError(error)));
    }
    expect(text).toContain('unexpected error: SyntaxError');
    expect(text).not.toContain('my sen');
  });

  it('takes control sequences out of what is printed', () => {
    for (const format of ['human', 'json'] as const) {
      const text = logged({ format, details: true }, ({ log }) =>
        log('info', 'a\u001b[2Jb\u001b]0;title\u0007c\rd\u202ee', { x: '1\n2\u009b3' }),
      );
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(text.split('\n')).toHaveLength(2);
    }
  });

  it('colours the level only when told to', () => {
    expect(logged({ color: true }, ({ log }) => log('warn', 'x'))).toBe('\u001b[33mwarn\u001b[39m: x\n');
  });
});

describe('the screen', () => {
  it('draws bars below the lines on a terminal, and none elsewhere', () => {
    for (const isTerminal of [true, false]) {
      let text = '';
      const stream = new Writable({
        write: (chunk, _encoding, done) => {
          text += String(chunk);
          done();
        },
      });
      const screen = createScreen(stream, isTerminal);
      screen.status(['bar 1', 'bar 2']);
      screen.line('said');
      screen.status([]);
      expect(text).toBe(
        isTerminal ? 'bar 1\nbar 2\n\u001b[2A\u001b[0Jsaid\nbar 1\nbar 2\n\u001b[2A\u001b[0J' : 'said\n',
      );
    }
  });
});
