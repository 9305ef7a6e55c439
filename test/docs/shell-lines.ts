// The shell lines of a page, run as they stand there, with our bins on the PATH.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, root } from '../support/run-node.ts';

/** The blocks of shell lines in a section of a page under docs/. */
export function shellBlocks(page: string, section: string): string[] {
  const sections = readFileSync(join(root, 'docs', page), 'utf8').split(/^## /m);
  const text = sections.find((candidate) => candidate.startsWith(`${section}\n`));
  if (text === undefined) throw new Error(`${page} has no section "${section}"`);
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
}

/** Puts the bins of this build under `folder`/bin, as npm installs them. @returns that folder */
export function installBins(folder: string, names: readonly string[]): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of names) symlinkSync(join(root, 'dist/bin', `${name}.js`), join(bin, name));
  return bin;
}

/** @param path folders to look for programs in, before those of the machine */
export function runLines(lines: string, cwd: string, path: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { PATH: [...path, process.env['PATH']].join(':') };
    const child = spawn('bash', ['-c', lines], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }));
  });
}
