// The source of a person's configuration, with this process's clock, log and proxies.

import type { CommandContext } from '../cli/command.ts';
import { packageVersion } from '../process/package-version.ts';
import { refuseUnsafeEnvironment } from '../settings/settings.ts';
import type { SourceConfig } from '../source/config.ts';
import type { GongSemarizeSource } from '../source/source.ts';

/** Longer waits than this are not sat out: the sync saves what it has and says when to go on. */
export const defaultMaxWaitMs = 15 * 60_000;

/** @throws ConnectorError of area `config` when the environment would give the keys away. */
export async function openSource(
  config: SourceConfig,
  context: Pick<CommandContext, 'io' | 'log'>,
  maxWaitMs: number = defaultMaxWaitMs,
): Promise<GongSemarizeSource> {
  const { env, clock, crashPoint } = context.io;
  refuseUnsafeEnvironment(env);
  const { createGongSemarizeSource } = await import('../source/source.ts');
  if (config.semarize_api_key?.startsWith('smz_test_'))
    context.log('warn', 'The Semarize key is a test key: its runs are marked as sandbox and stay out of the marts.');
  return createGongSemarizeSource({
    config,
    clock,
    crashPoint,
    random: Math.random,
    log: context.log,
    userAgent: `gong-elt/${packageVersion()}`,
    maxWaitMs,
    proxy: {
      http: env['http_proxy'] ?? env['HTTP_PROXY'],
      https: env['https_proxy'] ?? env['HTTPS_PROXY'],
      no: env['no_proxy'] ?? env['NO_PROXY'],
    },
  });
}
