import ipaddr from 'ipaddr.js';

/** All of IPv6 that has been given out for use on the internet (IANA IPv6 Global Unicast Address Space). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * True for addresses that anyone on the internet could reach: no loopback, private, link-local, carrier-grade NAT,
 * multicast, reserved or documentation ranges, and none of the IPv6 forms that embed an IPv4 address to tunnel or
 * translate to (IANA IPv4 and IPv6 Special-Purpose Address Registries).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` unwraps IPv4-mapped IPv6 addresses such as ::ffff:127.0.0.1.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast);
}
