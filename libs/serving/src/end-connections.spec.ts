import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

import { endConnections } from './end-connections.js';

async function serve(answer: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('a server that ends its connections', () => {
  it.each([
    ['says nothing', ''],
    ['sends half a head', 'POST / HTTP/1.1\r\nHost: here\r\n'],
    ['sends half a body', 'POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{'],
  ])('does not wait for a client that %s', async (_name, sent) => {
    const { server, port } = await serve((request) => request.resume());
    const accepted = once(server, 'connection');
    const client = await connected(port);
    client.write(sent);
    await accepted;
    await endConnections(server, 0.05);
    expect(server.listening).toBe(false);
    client.destroy();
  });

  it('does not wait for a client that does not read', async () => {
    const { server, port } = await serve((_request, response) => response.end('a'.repeat(50_000_000)));
    const client = await connected(port);
    client.pause();
    const asked = once(server, 'request');
    client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    await asked;
    await endConnections(server, 0.05);
    expect(server.listening).toBe(false);
    client.destroy();
  });

  it('lets a response be written first', async () => {
    const { server, port } = await serve((_request, response) => {
      setImmediate(() => response.end('all of it'));
    });
    const asked = once(server, 'request');
    const answer = fetch(`http://127.0.0.1:${port}`).then((response) => response.text());
    await asked;
    await endConnections(server, 60);
    expect(await answer).toBe('all of it');
  });
});
