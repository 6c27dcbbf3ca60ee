import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

import { hostAndPort, listen, reachableAt } from './listen.js';

const at = (host: string, port: number) =>
  ({ host, port, hostSetting: 'WEB_HOST', portSetting: 'WEB_PORT' }) as const;

describe('listening', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::', '::1', '[::1]', 'localhost'])('works on %s', async (host) => {
    const server = createServer();
    await listen(server, at(host, 0));
    expect(server.listening).toBe(true);
    server.close();
  });

  it('keeps HTTP connections for the next request longer than proxies do', async () => {
    const server = createHttpServer((_request, response) => response.end());
    await listen(server, at('127.0.0.1', 0));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(response.headers.get('keep-alive')).toBe('timeout=75');
    server.close();
    server.closeAllConnections();
  });

  it('on a taken port is refused with the setting that changes it', async () => {
    const first = createServer();
    await listen(first, at('127.0.0.1', 0));
    const { port } = first.address() as AddressInfo;
    const taken = listen(createServer(), at('127.0.0.1', port));
    await expect(taken).rejects.toThrow(expect.objectContaining({ code: 'start-up' }));
    await expect(taken).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
    await expect(taken).rejects.toThrow('Set WEB_PORT to a free port');
    first.close();
  });

  it.each([
    [
      'an address of another machine',
      '192.0.2.1',
      'WEB_HOST is "192.0.2.1", which is no address of this machine.',
    ],
    [
      'a name that does not exist',
      'no.such.invalid',
      'WEB_HOST is "no.such.invalid", a name that has no address.',
    ],
  ])('on %s is refused by name', async (_name, host, sentence) => {
    await expect(listen(createServer(), at(host, 0))).rejects.toThrow(sentence);
  });
});

it('writes an IPv6 address in brackets before a port', () => {
  expect(hostAndPort('::1', 80)).toBe('[::1]:80');
  expect(hostAndPort('[::1]', 80)).toBe('[::1]:80');
  expect(hostAndPort('models', 80)).toBe('models:80');
});

it('calls all addresses of this machine by a name that can be opened', () => {
  expect(reachableAt('::', 3000)).toBe('localhost:3000');
  expect(reachableAt('10.0.0.7', 3000)).toBe('10.0.0.7:3000');
});
