// This process and its machine, as the product asks for them.
import type { Machine } from '../core/machine.ts';
import { identifyProcess } from './identity.ts';
import { duckDbMegabytes } from './memory.ts';
import { packageVersion } from './package-version.ts';

export function thisMachine(env: Readonly<Record<string, string | undefined>>): Machine {
  return {
    identify: identifyProcess,
    duckDbMegabytes: duckDbMegabytes(),
    userAgent: `gong-elt/${packageVersion()}`,
    proxy: {
      http: env['http_proxy'] ?? env['HTTP_PROXY'],
      https: env['https_proxy'] ?? env['HTTPS_PROXY'],
      no: env['no_proxy'] ?? env['NO_PROXY'],
    },
    trustsAnyCertificate: env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
  };
}
