import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import {
  type FetchOptions,
  type FetchSettings,
  GuardedFetcher,
  ImageFetchError,
  type ResolveName,
} from './guarded-fetcher.js';

const strict = { maxBytes: 10 * 2 ** 20, timeoutSeconds: 20, allowHttp: false, trustedHosts: [] };
const fetcherWith = (changes: Partial<FetchSettings>, resolve?: ResolveName) =>
  new GuardedFetcher(() => ({ ...strict, ...changes }), resolve);

const never = new AbortController().signal;

/** Addresses that people must not be able to have fetched. */
const hostile = [
  // Not the web
  'file:///etc/passwd',
  'ftp://example.com/cat.png',
  'data:image/png;base64,iVBORw0KGgo=',
  'gopher://example.com/1cat',
  'javascript:alert(1)',
  'cat.png',
  '//example.com/cat.png',
  'http://example.com/cat.png',
  // With a password, which hides where an address leads
  'https://example.com@127.0.0.1/cat.png',
  'https://user:password@example.com/cat.png',
  // This machine
  'https://127.0.0.1/cat.png',
  'https://127.255.255.254/cat.png',
  'https://0.0.0.0/cat.png',
  'https://[::1]/cat.png',
  'https://[::]/cat.png',
  // The same in other spellings
  'https://2130706433/cat.png',
  'https://0x7f000001/cat.png',
  'https://0177.0.0.1/cat.png',
  'https://0x7f.1/cat.png',
  'https://127.1/cat.png',
  'https://①②⑦.⓪.⓪.①/cat.png',
  'https://127。0。0。1/cat.png',
  'https://127.0.0.1./cat.png',
  // Private networks
  'https://10.0.0.1/cat.png',
  'https://172.16.0.1/cat.png',
  'https://172.31.255.255/cat.png',
  'https://192.168.1.1/cat.png',
  'https://100.64.0.1/cat.png',
  'https://[fc00::1]/cat.png',
  'https://[fd12:3456:789a::1]/cat.png',
  // Link-local, where clouds keep their credentials
  'https://169.254.169.254/latest/meta-data/',
  'https://[fe80::1]/cat.png',
  'https://[fd00:ec2::254]/latest/meta-data/',
  // IPv4 inside IPv6
  'https://[::ffff:127.0.0.1]/cat.png',
  'https://[::ffff:7f00:1]/cat.png',
  'https://[::127.0.0.1]/cat.png',
  'https://[64:ff9b::7f00:1]/cat.png',
  'https://[2002:7f00:1::]/cat.png',
  'https://[2001:0:4136:e378:8000:63bf:807f:fffe]/cat.png',
  // Reserved, documentation, benchmarks, multicast, broadcast
  'https://192.0.0.1/cat.png',
  'https://192.0.2.1/cat.png',
  'https://198.18.0.1/cat.png',
  'https://198.51.100.1/cat.png',
  'https://203.0.113.1/cat.png',
  'https://224.0.0.1/cat.png',
  'https://240.0.0.1/cat.png',
  'https://255.255.255.255/cat.png',
  'https://[ff02::1]/cat.png',
  'https://[2001:db8::1]/cat.png',
];

/** Names and what they resolve to. */
const hostileNames: [string, string[]][] = [
  ['loopback', ['127.0.0.1']],
  ['private', ['10.1.2.3']],
  ['metadata', ['169.254.169.254']],
  ['private over IPv6', ['fd00::1']],
  ['IPv4 mapped into IPv6', ['::ffff:10.0.0.1']],
  ['one public and one private address', ['93.184.215.14', '192.168.0.1']],
];

describe('fetching an address that somebody typed', () => {
  const refuse: ResolveName = () => {
    throw new Error('No name may be resolved for an address that is refused by itself.');
  };

  it.each(hostile)('refuses %s', async (address) => {
    await expect(problemOf(fetcherWith({}, refuse), address)).resolves.toBe('address-not-allowed');
  });

  it.each(hostileNames)('refuses a name that leads to %s', async (_what, addresses) => {
    const fetcher = fetcherWith({}, async () => addresses.map(lookupAddress));
    await expect(problemOf(fetcher, 'https://pictures.example/cat.png')).resolves.toBe('address-not-allowed');
  });

  it('resolves a name once for a connection, so that it cannot change between the check and the use', async () => {
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    const asked: string[] = [];
    const rebinding: ResolveName = async (name) => {
      asked.push(name);
      const addresses = asked.length === 1 ? answers[1] : answers[0];
      return (addresses ?? []).map(lookupAddress);
    };
    const fetcher = fetcherWith({}, rebinding);
    await expect(problemOf(fetcher, 'https://rebinding.example/cat.png')).resolves.toBe(
      'address-not-allowed',
    );
    expect(asked).toEqual(['rebinding.example']);
  });

  describe('on a server', () => {
    let server: Server;
    let host: string;
    let answer: RequestListener;

    beforeEach(async () => {
      server = createServer((request, response) => answer(request, response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
      host = `127.0.0.1:${address.port}`;
    });

    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    const trusting = (images: Record<string, unknown> = {}) =>
      fetcherWith({ trustedHosts: [host], ...images });

    it('fetches what the operator trusts', async () => {
      answer = (_request, response) => response.end('picture');
      const bytes = await trusting().fetch(`http://${host}/cat.png`, { signal: never });
      expect(Buffer.from(bytes).toString()).toBe('picture');
    });

    describe('behind a proxy', () => {
      let proxy: Server;
      const asked: string[] = [];

      beforeEach(async () => {
        asked.length = 0;
        proxy = createServer().on('connect', ({ url }, client) => {
          asked.push(url ?? '');
          const [name, port] = host.split(':');
          const target = connect(Number(port), name);
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          target.pipe(client).pipe(target);
        });
        await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
        const { port } = proxy.address() as AddressInfo;
        process.env.http_proxy = `http://127.0.0.1:${port}`;
        answer = (_request, response) => response.end('picture');
      });

      afterEach(async () => {
        delete process.env.http_proxy;
        delete process.env.no_proxy;
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      });

      const http = { allowHttp: true };
      const address = 'http://pictures.example/cat.png';

      it.each<[string, ResolveName]>([
        ['that leads to a public address', async () => [lookupAddress('93.184.215.14')]],
        ['that only the proxy can resolve', () => Promise.reject(new Error('ENOTFOUND'))],
      ])('asks it for a name %s', async (_what, resolve) => {
        const bytes = await fetcherWith(http, resolve).fetch(address, { signal: never });
        expect(Buffer.from(bytes).toString()).toBe('picture');
        expect(asked).toEqual(['pictures.example:80']);
      });

      it('refuses a name that leads to a private address', async () => {
        const fetcher = fetcherWith(http, async () => [lookupAddress('10.0.0.1')]);
        await expect(problemOf(fetcher, address)).resolves.toBe('address-not-allowed');
        expect(asked).toEqual([]);
      });

      it('passes it by for the hosts in no_proxy', async () => {
        process.env.no_proxy = '127.0.0.1';
        await trusting().fetch(`http://${host}/cat.png`, { signal: never });
        expect(asked).toEqual([]);
      });
    });

    it('follows a redirect only where the address itself would be allowed', async () => {
      answer = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      await expect(problemOf(trusting(), `http://${host}/cat.png`)).resolves.toBe('address-not-allowed');
    });

    it('gives up on redirects in a circle', async () => {
      answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
      await expect(problemOf(trusting(), `http://${host}/cat.png`)).resolves.toBe('unreachable');
    });

    it('stops reading at the largest size, whatever the server declares', async () => {
      answer = (_request, response) => response.end('x'.repeat(2_000));
      await expect(problemOf(trusting({ maxBytes: 1_000 }), `http://${host}/cat.png`)).resolves.toBe(
        'too-large',
      );
      answer = (_request, response) => {
        response.write('x'.repeat(600));
        response.end('x'.repeat(600));
      };
      await expect(problemOf(trusting({ maxBytes: 1_000 }), `http://${host}/cat.png`)).resolves.toBe(
        'too-large',
      );
    });

    it('stops waiting for a server that does not answer', async () => {
      answer = () => {};
      await expect(problemOf(trusting({ timeoutSeconds: 0.05 }), `http://${host}/cat.png`)).resolves.toBe(
        'too-slow',
      );
    });

    it.each([
      [404, 'gone'],
      [410, 'gone'],
      [401, 'no-access'],
      [403, 'no-access'],
      [500, 'unreachable'],
    ])('tells a status of %i apart: %s', async (status, problem) => {
      answer = (_request, response) => response.writeHead(status).end();
      await expect(problemOf(trusting(), `http://${host}/cat.png`)).resolves.toBe(problem);
    });

    it('sends a token to the platform’s own hosts and to no other', async () => {
      const seen: (string | undefined)[] = [];
      answer = (request, response) => {
        seen.push(request.headers.authorization);
        response.end('picture');
      };
      const url = `http://${host}/cat.png`;
      await trusting().fetch(url, { signal: never, hosts: [host], authorization: 'Bearer secret' });
      await trusting().fetch(url, { signal: never, authorization: 'Bearer secret' });
      expect(seen).toEqual(['Bearer secret', undefined]);
      const elsewhere: FetchOptions = {
        signal: never,
        hosts: ['files.slack.com'],
        authorization: 'Bearer secret',
      };
      await expect(problemOf(trusting(), url, elsewhere)).resolves.toBe('address-not-allowed');
      expect(seen).toHaveLength(2);
    });

    it('passes on that the asker gave up', async () => {
      answer = () => {};
      const asker = new AbortController();
      const fetching = trusting().fetch(`http://${host}/cat.png`, { signal: asker.signal });
      asker.abort(new Error('gone home'));
      await expect(fetching).rejects.toThrow('gone home');
    });
  });
});

function lookupAddress(address: string) {
  return { address, family: address.includes(':') ? 6 : 4 };
}

async function problemOf(
  fetcher: GuardedFetcher,
  address: string,
  options: FetchOptions = { signal: never },
): Promise<unknown> {
  const error = await fetcher.fetch(address, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof ImageFetchError) return error.code;
  throw new Error(`${address} was not refused as an image that cannot be had.`, { cause: error });
}
