import ipaddr from 'ipaddr.js';

/**
 * True for addresses that anyone on the internet could reach: no loopback, private, link-local, carrier-grade NAT,
 * multicast, reserved or documentation ranges, and none of the IPv6 forms that embed an IPv4 address to tunnel or
 * translate to (IANA IPv4 and IPv6 Special-Purpose Address Registries).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` unwraps IPv4-mapped IPv6 addresses such as ::ffff:127.0.0.1.
  return ipaddr.process(address).range() === 'unicast';
}
