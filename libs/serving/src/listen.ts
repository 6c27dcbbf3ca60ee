import { once } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { isIPv6, type Server } from 'node:net';
import { CodedError } from '#libs/errors';

/** Where a server listens, and what an operator sets to have it listen elsewhere. */
export interface ListenAddress {
  /** A name or an address, IPv6 with or without brackets; `::` and `0.0.0.0` are all of this machine's. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostSetting: string;
  readonly portSetting: string;
}

/**
 * Longer than proxies and load balancers keep a connection that they may use again, which is often a minute: Node's own
 * 5 seconds can end just when the next request is sent, whose sender then sees a broken connection.
 */
const KEEP_ALIVE_MS = 75_000;

/** @throws CodedError `start-up` when the address is taken or none of this machine's, saying what to set */
export async function listen(server: Server, address: ListenAddress): Promise<void> {
  if (server instanceof HttpServer) server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(address.port, withoutBrackets(address.host));
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new CodedError('start-up', sentenceFor(cause, address), { cause });
  }
}

/** `host:port` as addresses write it: IPv6 in brackets. */
export function hostAndPort(host: string, port: number): string {
  const plain = withoutBrackets(host);
  return isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** Where people can open a server that listens on `host`, for `http://` and the like. */
export function reachableAt(host: string, port: number): string {
  const local = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(withoutBrackets(host));
  return hostAndPort(local ? 'localhost' : host, port);
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function sentenceFor(cause: unknown, { host, port, hostSetting, portSetting }: ListenAddress): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} on ${host} is taken by another program. Set ${portSetting} to a free port, ` +
        `for instance ${portSetting}=${port < 65_535 ? port + 1 : port - 1}.`
      );
    case 'EACCES':
      return `Port ${port} may not be used without rights. Set ${portSetting} to one above 1023.`;
    case 'EADDRNOTAVAIL':
      return `${hostSetting} is "${host}", which is no address of this machine.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${hostSetting} is "${host}", a name that has no address.`;
    default:
      return `${hostSetting} "${host}" with ${portSetting} ${port} cannot be used: ${cause}`;
  }
}
