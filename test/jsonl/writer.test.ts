// Against real pipes: readers are child processes, and files may be full.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConnectorError, StoppedError } from '../../src/core/errors.ts';
import { createLineWriter } from '../../src/jsonl/writer.ts';

/** A shell command that reads what we write; `output` is what it printed. */
function startReader(command: string) {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = once(child, 'close').then(() => output);
  return { stdin: child.stdin, ended };
}

describe('writing lines', () => {
  it('delivers all of it, in order, to a slow reader before it says that it is finished', async () => {
    const reader = startReader('sleep 0.3; md5sum; true');
    const writer = createLineWriter(reader.stdin);
    const expected = startReader('md5sum');
    let waits = 0;
    let mostWaiting = 0;
    for (let i = 0; i < 20_000; i++) {
      const line = `${i} ${'x'.repeat(i % 200)}\n`;
      expected.stdin.write(line);
      const wait = writer.write(i % 2 ? line : Buffer.from(line));
      if (!wait) continue;
      waits += 1;
      mostWaiting = Math.max(mostWaiting, reader.stdin.writableLength);
      await wait;
    }
    await writer.finish();
    expect(reader.stdin.writableLength).toBe(0);
    expected.stdin.end();
    reader.stdin.end();
    expect(await reader.ended).toBe(await expected.ended);
    // It held back, and so did its caller.
    expect(waits).toBeGreaterThan(0);
    expect(mostWaiting).toBeLessThan(256 * 1024);
  });

  it('sends what was written without being asked, before the process waits for something else', async () => {
    const reader = startReader('head -n 2');
    const writer = createLineWriter(reader.stdin);
    expect(writer.write('one\n')).toBeUndefined();
    expect(writer.write('two\n')).toBeUndefined();
    expect(await reader.ended).toBe('one\ntwo\n');
  });

  it('is no surprise to who does not wait when the reader hangs up', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const reader = startReader('head -c 1 >/dev/null; sleep 0.2');
    const writer = createLineWriter(reader.stdin);
    // More than the pipe takes: who waits would wait now.
    expect(writer.write('x'.repeat(1_000_000))).toBeInstanceOf(Promise);
    await reader.ended;
    await expect.poll(() => writer.signal.aborted).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('stops its caller when the reader hung up, waiting or not', async () => {
    const reader = startReader('head -c 1 >/dev/null; exec 0<&-; sleep 0.2');
    const writer = createLineWriter(reader.stdin);
    const flood = async () => {
      for (;;) await writer.write(`${'x'.repeat(1000)}\n`);
    };
    await expect(flood()).rejects.toBeInstanceOf(StoppedError);
    expect(writer.signal.aborted).toBe(true);
    expect(() => writer.write('more\n')).toThrow(StoppedError);
    await expect(writer.finish()).rejects.toBeInstanceOf(StoppedError);
  });

  it('tells by its signal that the reader hung up while its caller does other things', async () => {
    const reader = startReader('exec 0<&-; sleep 0.2');
    const writer = createLineWriter(reader.stdin);
    const aborted = once(writer.signal, 'abort');
    const again = setInterval(() => {
      if (!writer.signal.aborted) writer.write('tick\n');
    }, 10);
    await aborted;
    clearInterval(again);
    expect(writer.signal.reason).toBeInstanceOf(StoppedError);
  });

  it('reports a full disk as the trouble of the output, not as a reader that left', async () => {
    const writer = createLineWriter(createWriteStream('/dev/full'));
    writer.write('lost\n');
    const error = await writer.finish().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectorError);
    expect((error as ConnectorError).message).toContain('ENOSPC');
    expect((error as ConnectorError).area).toBe('destination');
  });
});
