// The process shell, watched from outside: signals, stray prints, closed pipes, the last bytes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runNode } from '../support/run-node.ts';

const program = join(import.meta.dirname, 'fixtures/program.mjs');

describe('a program in its process', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'finishes what it does after the first %s, then dies by it',
    async (signal) => {
      let sent = false;
      const ended = await runNode([program, 'work'], {
        env: { PATIENCE: '100' },
        onOutput: (child) => {
          if (!sent) child.kill(signal);
          sent = true;
        },
      });
      expect(ended).toEqual({
        code: null,
        signal,
        stdout: `ready\ncommitted after: stopped by ${signal}\n`,
        stderr: '',
      });
    },
  );

  it('dies at once by the second signal, without another commit', async () => {
    let sent = 0;
    const ended = await runNode([program, 'work'], {
      env: { PATIENCE: '30000' },
      onOutput: (child) => {
        if (sent++ > 0) return;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGINT'), 200);
      },
    });
    expect(ended).toEqual({ code: null, signal: 'SIGINT', stdout: 'ready\n', stderr: '' });
  });

  it('keeps stray prints out of stdout, and secrets out of them', async () => {
    const { code, stdout, stderr } = await runNode([program, 'stray']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'data\n', stderr: 'stray [redacted]\nalso stray\n' });
  });

  it('ends with its own code after the last byte has left, however slow the reader', async () => {
    const { code, stdout } = await runNode([program, 'much'], {
      onOutput: (child) => {
        child.stdout?.pause();
        setTimeout(() => child.stdout?.resume(), 20);
      },
    });
    expect({ code, bytes: stdout.length }).toEqual({ code: 4, bytes: 4 * (2 ** 20 + 1) });
  });

  it('tells of an error that nobody caught in one line, stops, and ends with 70', async () => {
    const { code, stdout, stderr } = await runNode([program, 'uncaught']);
    expect(code).toBe(70);
    expect(stdout).toBe('whole line\n');
    expect(stderr).toBe('error: unexpected error: TypeError: lost [redacted] → please report it, with the command\n');
  });

  it('stops when the reader of stdout hangs up, with a code that is not 0 and no stack', async () => {
    const child = spawn(process.execPath, [program, 'flood'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(stderr).toBe('stopped\n');
  });
});
