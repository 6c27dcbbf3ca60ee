import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * The names by which an HTTP server may be asked. Without it any page that somebody opens in a browser could ask a
 * server of this machine or network, under a name of its own that resolves there (DNS rebinding), and read the
 * answers.
 *
 * Addresses, `localhost` and this machine's own name are always allowed, since no page of another site can have
 * them; other names, such as those of a proxy or a container, must be configured. `*` allows every name.
 */
export class AllowedHosts {
  private readonly configured: ReadonlySet<string>;

  constructor(
    configured: readonly string[],
    /** What an operator sets to allow a name; absent where nobody can. */
    private readonly setting?: string,
  ) {
    this.configured = new Set(configured.map((name) => name.toLowerCase()));
  }

  /** @returns why a request with these headers is refused, and what to do; undefined where it is allowed */
  refusal({ host, origin }: IncomingHttpHeaders): string | undefined {
    const asked = host === undefined ? undefined : nameIn(`http://${host}`);
    if (asked === undefined) return 'The "Host" header names no host.';
    if (!this.isOwn(asked) && !this.isConfigured(asked)) {
      return `This server does not answer to the name "${asked}".${this.remedy('it is one of its names, add it')}`;
    }
    if (origin === undefined || isSameHost(origin, host)) return undefined;
    // A proxy may ask by an address, while the page behind it has the proxy's name.
    const page = nameIn(origin);
    if (page !== undefined && this.isConfigured(page)) return undefined;
    return `Pages of "${origin}" may not ask this server.${this.remedy('they are its own, add their host')}`;
  }

  private remedy(what: string): string {
    return this.setting === undefined ? '' : ` If ${what} to ${this.setting}.`;
  }

  private isConfigured(name: string): boolean {
    return this.configured.has(name) || this.configured.has('*');
  }

  private isOwn(name: string): boolean {
    const own = hostname().toLowerCase();
    return (
      isIP(name) !== 0 ||
      name === 'localhost' ||
      name.endsWith('.localhost') ||
      name === own ||
      name === `${own}.local`
    );
  }
}

/** The host of an address, without its port; an IPv6 address without its brackets. */
function nameIn(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  return hostname === '' ? undefined : hostname.replace(/^\[|\]$|\.$/g, '');
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return (
    URL.canParse(origin) && new URL(origin).host === new URL(`${new URL(origin).protocol}//${host}`).host
  );
}
