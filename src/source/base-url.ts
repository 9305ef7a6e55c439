// Which base URLs may be given the keys: the vendor's own hosts over https, and what allowed_hosts lists.
import type { JsonObject } from '../core/json.ts';
import type { SettingProblem } from '../core/settings.ts';

export function isGongHost(host: string): boolean {
  return host === 'api.gong.io' || host.endsWith('.api.gong.io');
}

export function isSemarizeHost(host: string): boolean {
  return host === 'api.semarize.com';
}

/** Credentials go to hosts of the vendor and to listed ones, over https; in the clear only to this machine. */
export function baseUrlProblems(
  name: string,
  settings: JsonObject,
  isVendorHost: (host: string) => boolean,
  vendor: string,
): SettingProblem[] {
  const value = settings[name];
  if (typeof value !== 'string' || value === '') return [];
  const problem = (text: string) => [{ path: [name], text }];
  if (!URL.canParse(value)) return problem('must be a URL (https://…)');
  const url = new URL(value);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return problem('must begin with https://');
  if (url.username !== '' || url.password !== '') return problem('may not hold a user or a password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return problem('must end after the host: no path, no query');
  const allowed = settings['allowed_hosts'];
  const isListed = (Array.isArray(allowed) ? allowed : []).some(
    (host) => typeof host === 'string' && [url.host, url.hostname].includes(host.toLowerCase()),
  );
  if (url.protocol === 'http:' && !(isListed && isLoopback(url.hostname)))
    return problem('must begin with https:// (http is only for a loopback host that is listed in allowed_hosts)');
  if (!isListed && !(isVendorHost(url.hostname) && url.port === ''))
    return problem(`must be at ${vendor}, or its host must be listed in allowed_hosts`);
  return [];
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Is the host (or host:port) of this URL listed by the user? */
export function isListedHost(url: URL, listed: readonly string[]): boolean {
  return listed.some((host) => [url.host, url.hostname].includes(host.toLowerCase()));
}
