// Settings that make every command talk to a sandbox instead of to Gong and Semarize.
import { stringify } from 'yaml';
import type { JsonObject } from '../core/json.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { variableOf } from '../settings/variables.ts';

export interface SandboxKit {
  readonly code: string;
  readonly name: string;
}

/** What stands in gong-elt.yaml: everything but the keys. */
export function sandboxConfig(sandbox: Sandbox, kits: readonly SandboxKit[], others: JsonObject = {}): JsonObject {
  return {
    gong_base_url: sandbox.url,
    semarize_base_url: sandbox.url,
    allowed_hosts: [new URL(sandbox.url).host],
    start_date: firstDay(sandbox),
    kits: kits.map(({ code, name }) => ({ code, name })),
    ...others,
  };
}

export function sandboxKeys(sandbox: Sandbox) {
  return {
    gong_access_key: sandbox.gongAccessKey,
    gong_access_key_secret: sandbox.gongAccessKeySecret,
    semarize_api_key: sandbox.semarizeApiKey,
  };
}

export function toYaml(settings: JsonObject): string {
  return stringify(settings, { lineWidth: 0 });
}

/** Lines of a .env file. */
export function toEnv(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${variableOf(name)}=${value}\n`)
    .join('');
}

/** A day before the first call, so that none is cut off by its time zone. */
function firstDay({ world, clock }: Sandbox): string {
  const first = world.calls[0]?.startedMs ?? clock.now();
  return new Date(first - 24 * 3_600_000).toISOString().slice(0, 10);
}
