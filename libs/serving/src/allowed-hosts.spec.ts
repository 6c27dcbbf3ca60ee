import { hostname } from 'node:os';

import { AllowedHosts } from './allowed-hosts.js';

describe('the hosts a server may be asked by', () => {
  const hosts = new AllowedHosts(['chat.example.com', 'Model-Server'], 'ALLOWED_HOSTS');

  it.each([
    ['an address', { host: '127.0.0.1:3000' }],
    ['an IPv6 address', { host: '[::1]:3000' }],
    ['an address of the network', { host: '192.168.1.7' }],
    ['localhost', { host: 'localhost:50052' }],
    ['a name below localhost', { host: 'bot.localhost:3000' }],
    ['the name of the machine', { host: `${hostname()}:3000` }],
    ['a configured name, however it is written', { host: 'CHAT.example.com' }],
    ['a configured name of another container', { host: 'model-server:50052' }],
    ['its own page', { host: 'localhost:3000', origin: 'http://localhost:3000' }],
    ['its own page behind TLS', { host: 'chat.example.com', origin: 'https://chat.example.com' }],
    ['a page whose proxy asks by address', { host: '127.0.0.1:3000', origin: 'https://chat.example.com' }],
  ])('include %s', (_name, headers) => {
    expect(hosts.refusal(headers)).toBeUndefined();
  });

  it.each([
    [
      'a foreign name that resolves here',
      { host: 'evil.example:3000' },
      /the name "evil\.example".*ALLOWED_HOSTS/,
    ],
    ['a name that only begins like one', { host: 'localhost.evil.example' }, /localhost\.evil\.example/],
    ['no host', {}, /names no host/],
    ['a host that is none', { host: 'a b' }, /names no host/],
    [
      "another site's page",
      { host: 'localhost:3000', origin: 'https://evil.example' },
      /Pages of "https:\/\/evil/,
    ],
    ['a page on another port', { host: 'localhost:3000', origin: 'http://localhost:8080' }, /Pages of/],
    ['a page without an origin of its own', { host: 'localhost:3000', origin: 'null' }, /Pages of "null"/],
  ])('do not include %s', (_name, headers, reason) => {
    expect(hosts.refusal(headers)).toMatch(reason);
  });

  it('are all, where that is configured', () => {
    const any = new AllowedHosts(['*']);
    expect(any.refusal({ host: 'any.example', origin: 'https://other.example' })).toBeUndefined();
  });
});
