// The public CI runs what .ci/run runs, on the Nodes that are promised, and cannot pass by looking away.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readDockerfile } from '../image/dockerfile.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Job {
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly Step[];
}

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
const text = read('.github/workflows/ci.yml');
const { on, jobs } = parse(text) as { on: string[]; jobs: Record<string, Job> };
const { engines, scripts } = JSON.parse(read('package.json')) as {
  engines: { node: string };
  scripts: Record<string, string>;
};
const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

/** What `npm test` and `npm run check` run; `npm ci` runs none. */
const scriptOf = (command: string) => /^npm (?:run )?(?!ci$)([\w:-]+)$/.exec(command)?.[1];

function versionsOf(job: Job, action: string, setting: string): string[] {
  const used = job.steps
    .filter(({ uses }) => uses?.startsWith(`${action}@`))
    .map((step) => step.with?.[setting] ?? 'any');
  return used.flatMap((version) => (version === '${{ matrix.node }}' ? (job.strategy?.matrix.node ?? []) : [version]));
}

test('pushes and pull requests run every command that stands before main', () => {
  expect(on).toEqual(expect.arrayContaining(['push', 'pull_request']));
  const wanted = [...read('.ci/run').matchAll(/^(npm (?:run )?[\w:-]+)/gm)].map(([, command]) => command);
  expect(wanted.length).toBeGreaterThan(2);
  expect(commands).toEqual(expect.arrayContaining(wanted));
});

test('a step is one command of npm, whose script exists, and its failure is the job’s', () => {
  for (const command of commands) {
    // Behind a pipe, `;` or `||` a failure would be lost.
    expect(command).toMatch(/^npm (ci|test|run [\w:-]+)$/);
    const script = scriptOf(command);
    if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
  }
  // Nothing is allowed to fail, and nothing is left out on a condition.
  expect(text).not.toMatch(/continue-on-error|^\s*(- )?if:/m);
  // A job installs by the lock file before it runs anything.
  for (const { steps } of Object.values(jobs)) expect(steps.flatMap(({ run }) => run ?? [])[0]).toBe('npm ci');
});

test('the tests run on the oldest Node that is allowed and on the images’ own', () => {
  const oldest = /^>=(\d+\.\d+)$/.exec(engines.node)?.[1];
  const inImages = /^node:(\d+)-/.exec(readDockerfile()[0]?.base ?? '')?.[1];
  expect([oldest, inImages]).not.toContain(undefined);
  const tested = Object.values(jobs).find(({ steps }) => steps.some(({ run }) => run === 'npm test'));
  // Texts: as a number 20.10 would be 20.1.
  expect(tested && versionsOf(tested, 'actions/setup-node', 'node-version')).toEqual([oldest, inImages]);
  for (const job of Object.values(jobs)) {
    const versions = versionsOf(job, 'actions/setup-node', 'node-version');
    expect(versions).toContain(inImages);
  }
});

test('the foreign programs get the Python that they need', () => {
  const job = Object.values(jobs).find(({ steps }) => steps.some(({ run }) => run === 'npm run interop'));
  const [, needed] = /these tests need Python (\d+\.\d+)/.exec(read('test/interop/environment.ts')) ?? [];
  expect(job && versionsOf(job, 'actions/setup-python', 'python-version')).toEqual([needed]);
});
