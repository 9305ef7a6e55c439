// gong-elt sandbox: a local Gong and Semarize to try everything against, without keys and without a bill.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { GuideKit } from '../../sandbox/world/guide-world.ts';
import type { Command, CommandContext } from '../command.ts';
import { numberFlag, textFlag } from '../command.ts';
import type { SandboxKit } from '../sandbox-settings.ts';

const scenarios = ['company', 'guide'] as const;

export const sandbox: Command = {
  name: 'sandbox',
  describe: 'Run a local Gong and Semarize with invented calls, until Ctrl-C',
  examples: [
    'gong-elt sandbox                           # prints a gong-elt.yaml and a .env to go with it',
    'gong-elt sandbox --scenario guide          # the guide’s numbers; writes guide/gong-elt.yaml',
  ],
  flags: {
    port: { type: 'number', group: 'Sandbox:', describe: 'On 127.0.0.1; 0 takes any free one', otherwise: '8700' },
    calls: { type: 'number', group: 'Sandbox:', describe: 'How many calls there are', otherwise: '200' },
    seed: { type: 'number', group: 'Sandbox:', describe: 'The same seed gives the same company', otherwise: '1' },
    scenario: {
      choices: scenarios,
      group: 'Sandbox:',
      describe: 'company: about four calls a deal, some late, private or silent. guide: one call a deal, two kits',
      otherwise: 'company',
    },
  },
  async run(flags, context) {
    const { startSandbox } = await import('../../sandbox/sandbox.ts');
    const { createWorld } = await import('../../sandbox/world/create-world.ts');
    const { createGuideWorld } = await import('../../sandbox/world/guide-world.ts');
    const { clock, signal } = context.io;
    const isGuide = textFlag(flags, 'scenario') === 'guide';
    const calls = numberFlag(flags, 'calls');
    if (isGuide && calls !== undefined)
      throw usageError('The guide has 200 calls: --calls goes with --scenario company only.');
    const facts = { seed: wholeNumber(numberFlag(flags, 'seed') ?? 1, 'seed'), endsAt: clock.now() };
    const guide = isGuide ? createGuideWorld(facts) : undefined;
    const world = guide ?? createWorld({ ...facts, calls: wholeNumber(calls ?? 200, 'calls') });
    const port = wholeNumber(numberFlag(flags, 'port') ?? 8700, 'port');
    const running = await startSandbox({ world, port, clock }).catch((error: unknown) => {
      throw toPortError(error, port);
    });
    try {
      if (guide !== undefined) await writeGuide(running, guide.guideKits, context);
      else await printSettings(running, context);
      context.log('info', `Gong and Semarize listen on ${running.url}; Ctrl-C ends them.`);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      await running.close();
    }
    return exitCodes.complete;
  },
};

async function printSettings(running: Sandbox, context: CommandContext): Promise<void> {
  const { kits } = await import('../../sandbox/semarize/kits.ts');
  const { sandboxConfig, sandboxKeys, toEnv, toYaml } = await import('../sandbox-settings.ts');
  const config = sandboxConfig(running, kits.slice(0, 2));
  if (context.json) {
    const keys = sandboxKeys(running);
    return await context.print(`${JSON.stringify({ url: running.url, ...keys, config })}\n`);
  }
  await context.print(
    `# gong-elt.yaml\n${toYaml({ ...config, destination: 'warehouse.duckdb' })}\n# .env\n${toEnv(sandboxKeys(running))}`,
  );
}

async function writeGuide(running: Sandbox, guideKits: readonly GuideKit[], context: CommandContext): Promise<void> {
  const { sandboxConfig, sandboxKeys, toEnv, toYaml } = await import('../sandbox-settings.ts');
  const kits: SandboxKit[] = guideKits.map(({ code, label }) => ({ code, name: label }));
  const analytics = {
    kits: guideKits.map(({ code, label, winThreshold }) => ({
      code,
      label,
      purpose: 'framework',
      win_threshold: winThreshold,
    })),
  };
  const config = sandboxConfig(running, kits, {
    // The sandbox takes as long for one run as for fifty.
    semarize_concurrency: 50,
    max_runs_per_sync: guideKits.length * running.world.calls.length,
    destination: 'warehouse.duckdb',
    analytics: 'analytics.yaml',
  });
  const folder = join(context.io.cwd, 'guide');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'gong-elt.yaml'), toYaml(config));
  await writeFile(join(folder, 'analytics.yaml'), toYaml(analytics));
  await writeFile(join(folder, '.env'), toEnv(sandboxKeys(running)), { mode: 0o600 });
  if (context.json)
    return await context.print(`${JSON.stringify({ url: running.url, ...sandboxKeys(running), config, analytics })}\n`);
  await context.print(`wrote guide/gong-elt.yaml, guide/analytics.yaml and guide/.env; now, in another terminal:
  gong-elt sync --config guide/gong-elt.yaml
  gong-elt query "select * from mart_framework_ab" --config guide/gong-elt.yaml
`);
}

function wholeNumber(value: number, flag: string): number {
  if (!Number.isInteger(value) || value < 0) throw usageError(`--${flag} must be a whole number.`);
  return value;
}

function usageError(message: string): ConnectorError {
  return new ConnectorError(message, { area: 'config', hint: 'gong-elt sandbox --help' });
}

function toPortError(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'ERR_SOCKET_BAD_PORT') return error;
  return new ConnectorError(`Port ${port} of 127.0.0.1 cannot be used (${code}).`, {
    area: 'config',
    hint: 'choose another one: gong-elt sandbox --port 0 takes any that is free',
    cause: error,
  });
}
