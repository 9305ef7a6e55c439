// The source of a configuration, in this environment.
import type { Stream } from '../core/catalog.ts';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { SourceConfig } from '../source/config.ts';
import type { GongSemarizeSource } from '../source/source.ts';
import type { Environment } from './environment.ts';

/** What a host asks of a source. */
export type HostSource = Pick<GongSemarizeSource, 'discover' | 'check' | 'read' | 'close'>;

/** Longer waits than this are not sat out: the sync saves what it has and says when to go on. */
export const defaultMaxWaitMs = 15 * 60_000;

/** @throws ConnectorError of area `config` when the environment would give the keys away. */
export async function openSource(
  config: SourceConfig,
  { clock, log, crashPoint, machine }: Omit<Environment, 'signal'>,
  maxWaitMs: number = defaultMaxWaitMs,
): Promise<GongSemarizeSource> {
  if (machine.trustsAnyCertificate)
    throw new ConnectorError('NODE_TLS_REJECT_UNAUTHORIZED=0 switches the check of certificates off.', {
      area: 'config',
      hint: 'unset it; for a certificate authority of your own set NODE_EXTRA_CA_CERTS',
    });
  const { createGongSemarizeSource } = await import('../source/source.ts');
  if (config.semarize_api_key?.startsWith('smz_test_'))
    log('warn', 'The Semarize key is a test key: its runs are marked as sandbox and stay out of the marts.');
  const { userAgent, proxy } = machine;
  return createGongSemarizeSource({ config, clock, crashPoint, random: Math.random, log, userAgent, maxWaitMs, proxy });
}

/** The streams that these settings can read; asks nobody. Settings without keys are as good as none: then every stream is shown. */
export async function offeredStreams(settings: JsonObject): Promise<Stream[]> {
  const { describeStream, discoverStreams, streamNames } = await import('../source/streams.ts');
  const { gong_access_key: gongKey = null, semarize_api_key: key } = settings;
  if (gongKey === null) return streamNames.map(describeStream);
  return discoverStreams({ semarize_api_key: typeof key === 'string' ? key : undefined });
}
