// What the foreign programs verified, for the table at the end of the run. Written only after the checks of a test passed.
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptFolder } from './environment.ts';

const path = join(keptFolder, 'verified.jsonl');

export interface Verified {
  /** Program and version. */
  readonly program: string;
  readonly what: string;
}

export function clearVerified(): void {
  mkdirSync(keptFolder, { recursive: true });
  rmSync(path, { force: true });
}

/** Notes that `program`, at `version`, verified `what`. Call it as the last thing of a test. */
export function noteVerified(program: string, version: string, what: string): void {
  appendFileSync(path, `${JSON.stringify({ program: `${program} ${version}`, what } satisfies Verified)}\n`);
}

/** The table as text, by program. */
export function verifiedText(): string {
  const lines = readFileSync(path, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);
  const byProgram = new Map<string, string[]>();
  for (const line of lines) {
    const { program, what } = JSON.parse(line) as Verified;
    byProgram.set(program, [...(byProgram.get(program) ?? []), what]);
  }
  return [...byProgram]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([program, whats]) => `${program}\n${whats.map((what) => `  - ${what}\n`).join('')}`)
    .join('');
}
