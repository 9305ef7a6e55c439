// A folder with a gong-elt.yaml and a .env for a sandbox that runs in the test, so that its ledger can be asked.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxConfig, sandboxKeys, toEnv, toYaml } from '../../src/cli/sandbox-settings.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import type { WorldOptions } from '../../src/sandbox/world/create-world.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';

export interface SandboxFolder {
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Writes gong-elt.yaml anew, with these settings beside the sandbox's own. */
  configure(settings: JsonObject): Promise<void>;
  close(): Promise<void>;
}

export const kits = [
  { code: 'A1B2C3D4', name: 'MEDDICC' },
  { code: '6AD3F0B6', name: 'SPICED' },
];

export async function openSandboxFolder(options: WorldOptions = {}): Promise<SandboxFolder> {
  const sandbox = await startSandbox({ world: createWorld({ calls: 60, endsAt: Date.now(), ...options }) });
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-cli-'));
  const configure = (settings: JsonObject) =>
    writeFile(
      join(folder, 'gong-elt.yaml'),
      toYaml({ ...sandboxConfig(sandbox, kits), destination: 'w.duckdb', ...settings }),
    );
  await configure({});
  await writeFile(join(folder, '.env'), toEnv(sandboxKeys(sandbox)), { mode: 0o600 });
  return {
    sandbox,
    folder,
    configure,
    async close() {
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}
