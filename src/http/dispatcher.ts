// The sockets below the client: which addresses, which certificates, which proxy.
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { lookupOutside } from './address.ts';

export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly no?: string | undefined;
}

// Set, so that no environment variable can switch verification off.
const tls = { rejectUnauthorized: true };

/** @param insideAllowed may the host resolve to an address inside the user's network? A proxy always may. */
export function createDispatcher(proxy: ProxySettings | undefined, insideAllowed: boolean): Dispatcher {
  const connect = { ...tls, timeout: 15_000, ...(insideAllowed ? {} : { lookup: lookupOutside }) };
  const shared = { connect, maxHeaderSize: 32_768, keepAliveTimeout: 10_000, pipelining: 1 };
  if (proxy?.http === undefined && proxy?.https === undefined) return new Agent(shared);
  return new EnvHttpProxyAgent({
    ...shared,
    // Through a proxy `connect` does not count.
    requestTls: tls,
    proxyTls: tls,
    // An empty text is no proxy; leaving it out would have the environment asked.
    httpProxy: proxy.http ?? '',
    httpsProxy: proxy.https ?? '',
    noProxy: proxy.no ?? '',
  });
}
