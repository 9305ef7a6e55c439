// Another process that holds a DuckDB file, for as long as a test wants.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Holder {
  readonly pid: number;
  /** Resolves when the other process has let go and ended. */
  letGo(): Promise<void>;
}

export async function holdFile(path: string, mode: 'READ_ONLY' | 'READ_WRITE'): Promise<Holder> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hold-file.mjs'), path, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const letGo = async () => {
    child.stdin.end();
    await ended;
  };
  onTestFinished(letGo);
  const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown];
  if (String(said) !== 'held\n') throw new Error('the other process could not open the file');
  return { pid: child.pid as number, letGo };
}
