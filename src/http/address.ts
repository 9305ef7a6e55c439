// Which network addresses may be connected to. A host name that passed the configuration can still resolve to an address
// inside the user's network; the check at connect time is the second wall.
import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

const inside = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(network, prefix, 'ipv6');

/** Is this a loopback, private, link-local or multicast address? Node's list takes IPv4 in IPv6 clothes for IPv4. */
export function isInsideAddress(address: string): boolean {
  return inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** A `lookup` for sockets that refuses inside addresses. */
export function lookupOutside(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, []);
    const allowed = found.filter(({ address }) => !isInsideAddress(address));
    const [first] = allowed;
    if (first === undefined)
      return callback(
        Object.assign(new Error(`${hostname} resolves to an address inside your network`), { code: 'EINSIDE' }),
        [],
      );
    if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
}
