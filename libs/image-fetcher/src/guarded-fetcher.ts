import type { LookupAddress } from 'node:dns';
import { lookup as resolveName } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { EnvHttpProxyAgent, request } from 'undici';

import { CodedError } from '#libs/errors';

const maxRedirects = 5;

export interface FetchSettings {
  /** The largest file. */
  readonly maxBytes: number;
  readonly timeoutSeconds: number;
  /** Whether http:// is fetched too. */
  readonly allowHttp: boolean;
  /** Hosts ("intranet.example:8080") that are fetched although they are private or not https. */
  readonly trustedHosts: readonly string[];
}

/** Why there is no file. */
export class ImageFetchError extends CodedError<
  'address-not-allowed' | 'too-large' | 'too-slow' | 'gone' | 'no-access' | 'unreachable'
> {}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /**
   * The only hosts ("files.slack.com", "127.0.0.1:8080") that are asked and that redirects may lead to. Left out
   * for addresses that people typed: then any public host.
   */
  readonly hosts?: readonly string[];
  /** Sent to `hosts` only, so that a token never leaves the platform. */
  readonly authorization?: string;
}

export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Fetches images from addresses that others chose, without becoming a way into the operator's network: https only,
 * public addresses only, checked where the connection is made (so a name that changes its address in between gains
 * nothing) and again for every redirect; limited in size and time.
 *
 * If https_proxy or http_proxy is set, the proxy makes the connection and has to protect its own network. A name that
 * resolves here to an address that is not public is refused all the same.
 */
export class GuardedFetcher {
  constructor(
    /** Asked for each fetch, so that they may change. */
    private readonly settings: () => FetchSettings,
    private readonly resolve: ResolveName = (hostname) => resolveName(hostname, { all: true }),
  ) {}

  /** @throws ImageFetchError when the address is refused or does not answer as it should */
  async fetch(address: string, options: FetchOptions): Promise<Uint8Array> {
    const { timeoutSeconds } = this.settings();
    const timeout = AbortSignal.timeout(timeoutSeconds * 1_000);
    try {
      return await this.follow(address, { ...options, signal: AbortSignal.any([options.signal, timeout]) });
    } catch (error) {
      options.signal.throwIfAborted();
      if (timeout.aborted) {
        throw new ImageFetchError('too-slow', `${address} took longer than ${timeoutSeconds} s.`);
      }
      throw toUnavailable(error, address);
    }
  }

  private async follow(address: string, options: FetchOptions): Promise<Uint8Array> {
    let url = this.check(address, options.hosts);
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const fetched = await this.fetchOnce(url, options);
      if (fetched instanceof Uint8Array) return fetched;
      url = this.check(new URL(fetched.location, url).href, options.hosts);
    }
    throw new ImageFetchError('unreachable', `${address} redirects more than ${maxRedirects} times.`);
  }

  /** The file at an address, or where the address redirects to. */
  private async fetchOnce(
    url: URL,
    options: FetchOptions,
  ): Promise<Uint8Array | { readonly location: string }> {
    const agent = new EnvHttpProxyAgent({ connect: { lookup: this.lookupFor(url) } });
    try {
      await this.refuseName(url);
      const { statusCode, headers, body } = await request(url, {
        dispatcher: agent,
        signal: options.signal,
        headers: {
          accept: 'image/*',
          'user-agent': 'minigpt4-chat',
          ...(options.hosts && options.authorization ? { authorization: options.authorization } : {}),
        },
      });
      // Reading the body reports its errors; a body that is closed unread must not bring the process down.
      body.on('error', () => {});
      const { location } = headers;
      if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') return { location };
      if (statusCode !== 200) {
        const problem = problemOfStatus(statusCode);
        throw new ImageFetchError(problem, `${url} answered with status ${statusCode}.`);
      }
      return await this.read(body, Number(headers['content-length'] ?? 0));
    } finally {
      await agent.destroy();
    }
  }

  /** Refuses what can be refused by looking at the address; names are judged by what they resolve to. */
  private check(address: string, hosts: readonly string[] | undefined): URL {
    if (!URL.canParse(address)) throw refusal(address, 'it is no web address');
    const url = new URL(address);
    if (hosts && !hosts.includes(url.host))
      throw refusal(address, `${url.host} is none of ${hosts.join(', ')}`);
    if (url.username || url.password) throw refusal(address, 'it holds a password');
    if (this.isTrusted(url.host)) return url;

    const { allowHttp } = this.settings();
    if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
      throw refusal(address, `${url.protocol} is not allowed`);
    }
    // Connections to literal addresses need no lookup, so they are judged here.
    const literal = literalAddress(url);
    if (literal && !isPublicAddress(literal)) throw refusal(address, `${literal} is not a public address`);
    return url;
  }

  private isTrusted(host: string): boolean {
    return this.settings().trustedHosts.includes(host);
  }

  /** Names that a proxy would resolve. One that cannot be resolved from here is the proxy's to judge. */
  private async refuseName(url: URL): Promise<void> {
    if (!hasProxy() || this.isTrusted(url.host) || literalAddress(url)) return;
    const addresses = await this.resolve(url.hostname).catch(() => []);
    refuseOthers(url.hostname, addresses);
  }

  /** Resolves the name of a connection, and hands on only addresses that may be connected to. */
  private lookupFor(url: URL): LookupFunction {
    const trusted = this.isTrusted(url.host);
    return (hostname, options, callback) => {
      this.resolve(hostname)
        .then((addresses) => {
          if (!trusted) refuseOthers(hostname, addresses);
          const [first] = addresses;
          if (!first) throw new ImageFetchError('unreachable', `${hostname} has no address.`);
          if (options.all) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        })
        .catch((error) => callback(error, '', 0));
    };
  }

  private async read(body: AsyncIterable<Uint8Array>, declared: number): Promise<Uint8Array> {
    const { maxBytes } = this.settings();
    const tooLarge = () => new ImageFetchError('too-large', `The file is larger than ${maxBytes} bytes.`);
    if (declared > maxBytes) throw tooLarge();
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

const hasProxy = () =>
  ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some((name) => process.env[name]);

/** @throws ImageFetchError when one of the addresses that a name leads to is not public */
function refuseOthers(hostname: string, addresses: readonly LookupAddress[]): void {
  const refused = addresses.find(({ address }) => !isPublicAddress(address));
  if (refused) throw refusal(hostname, `it leads to ${refused.address}, which is not a public address`);
}

function refusal(address: string, why: string): ImageFetchError {
  return new ImageFetchError('address-not-allowed', `${address} is not fetched: ${why}.`);
}

/** The address in a URL such as http://2130706433/ or https://[::1]/, which URL parsing has made canonical. */
function literalAddress(url: URL): string | undefined {
  if (url.hostname.startsWith('[')) return url.hostname.slice(1, -1);
  return /^[\d.]+$/.test(url.hostname) ? url.hostname : undefined;
}

function problemOfStatus(status: number): ImageFetchError['code'] {
  if (status === 404 || status === 410) return 'gone';
  if (status === 401 || status === 403) return 'no-access';
  return 'unreachable';
}

function toUnavailable(error: unknown, address: string): ImageFetchError {
  if (error instanceof ImageFetchError) return error;
  return new ImageFetchError('unreachable', `${address} could not be fetched.`, { cause: error });
}

/** All of IPv6 that has been given out for use on the internet (IANA IPv6 Global Unicast Address Space). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * True for addresses that anyone on the internet could reach: no loopback, private, link-local, carrier-grade NAT,
 * multicast, reserved or documentation ranges, and none of the IPv6 forms that embed an IPv4 address to tunnel or
 * translate to (IANA IPv4 and IPv6 Special-Purpose Address Registries).
 */
function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` unwraps IPv4-mapped IPv6 addresses such as ::ffff:127.0.0.1.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast);
}
