// The people's program, watched from outside: help, versions, mistakes on the command line, and what is loaded for them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { gongElt, root, runGongElt, runNode } from '../support/run-node.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-main-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('gong-elt', () => {
  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await runGongElt(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  });

  it('begins its help with two examples, says where settings come from, and lists every command', async () => {
    const { code, stdout, stderr } = await runGongElt(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, second] = stdout.split('\n');
    expect(first).toMatch(/^gong-elt demo /);
    expect(second).toMatch(/^gong-elt sync --to /);
    expect(stdout).toContain('flag > environment > .env > gong-elt.yaml > default');
    expect(stdout).toContain('GONG_ELT_START_DATE');
    for (const { name } of commands) expect(stdout).toContain(`gong-elt ${name.split(' ')[0]}`);
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'explains %s: examples first, every flag with its default or variable',
    async (name, command) => {
      const { code, stdout } = await runGongElt([...name.split(' '), '--help']);
      expect(code).toBe(0);
      expect(command.examples.length).toBeGreaterThan(0);
      expect(stdout.startsWith(command.examples.join('\n'))).toBe(true);
      for (const [flag, { positional, setting }] of Object.entries(command.flags)) {
        expect(stdout).toContain(positional ? flag : `--${flag}`);
        if (setting !== undefined) expect(stdout.replace(/\s+/g, ' ')).toContain(`[GONG_ELT_${setting.toUpperCase()}]`);
      }
      for (const everywhere of ['--config', '--json', '--quiet', '--verbose', '--log-format', '--no-color'])
        expect(stdout).toContain(everywhere);
    },
  );

  it.each([
    [['qeury', 'select 1'], 'Unknown command or operand "qeury". Did you mean "query"?'],
    [['query', 'select 1', '--form', 'x.duckdb'], 'Unknown flag --form. Did you mean "--format"?'],
    [['query', 'select 1', '--frmo=x.duckdb'], 'Unknown flag --frmo. Did you mean "--from"?'],
    [['query', 'select 1', 'select 2'], 'Unknown command or operand "select 2".'],
    [['query'], 'The query is empty.'],
    [['files'], 'Not enough non-option arguments'],
    [['query', 'select 1', '--from'], 'Not enough arguments following: from'],
    [['query', 'select 1', '--log-format', 'xml'], 'Argument: log-format'],
    [[], 'Which command?'],
    [['query', 'select 1', '--gong-access-key-secret', 'x'], 'Keys are not taken from the command line'],
  ])('refuses %j with code 2, and says what was meant', async (args, text) => {
    const { code, stdout, stderr } = await runGongElt(args);
    expect(stderr).toContain(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([['--help'], ['--version'], ['query', '--help']])(
    'loads neither DuckDB nor undici for %s',
    async (...args) => {
      const modules = join(folder, args.join('-'));
      const record = join(import.meta.dirname, 'fixtures/record-modules.mjs');
      await runNode(['--import', record, gongElt, ...args], { env: { MODULES: modules } });
      const loaded = await readFile(modules, 'utf8');
      expect(loaded).toContain('dist/cli/main.js');
      expect(loaded).not.toMatch(/node_modules\/(@duckdb|undici)\//);
    },
  );

  it('answers with --json also when it fails', async () => {
    const { code, stdout } = await runGongElt(['query', 'select 1', '--json'], { cwd: folder });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        message: 'No destination is named.',
        area: 'config',
        exit_code: 2,
        next_step: 'name one: --from warehouse.duckdb, or destination in gong-elt.yaml',
      },
    });
  });
});
