import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

it('asks the proxy that the environment names', async () => {
  const asked: string[] = [];
  const proxy = createServer().on('connect', ({ url }, client) => {
    asked.push(url ?? '');
    client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  process.env.https_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const { proxiedFetch } = await import('./proxied-fetch.js');
    await expect(proxiedFetch('https://hub.example/file')).rejects.toThrow('fetch failed');
    expect(asked).toEqual(['hub.example:443']);
  } finally {
    delete process.env.https_proxy;
    proxy.closeAllConnections();
    proxy.close();
  }
});
