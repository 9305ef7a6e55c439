// This process and its machine, as the product asks for them.
import type { Machine } from '../core/machine.ts';
import { identifyProcess } from './identity.ts';
import { duckDbMegabytes } from './memory.ts';
import { packageVersion } from './package-version.ts';

/** @param hide takes a secret out of all messages; default: there are none */
export function thisMachine(
  env: Readonly<Record<string, string | undefined>>,
  hide: (secret: string) => void = () => {},
): Machine {
  return {
    identify: identifyProcess,
    duckDbMegabytes: duckDbMegabytes(),
    userAgent: `gong-elt/${packageVersion()}`,
    proxy: {
      http: env['http_proxy'] ?? env['HTTP_PROXY'],
      https: env['https_proxy'] ?? env['HTTPS_PROXY'],
      no: env['no_proxy'] ?? env['NO_PROXY'],
    },
    variables: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AWS_'))),
    hide,
    trustsAnyCertificate: env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
  };
}
