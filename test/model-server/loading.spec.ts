import { createModelClient } from '#libs/client';

import { ScriptedEngine } from '../support/scripted-engine.js';
import { runServer } from './running-server.js';

it('a server that loads its model says so on both ports, and answers once it has', async () => {
  const seen: unknown[] = [];
  const server = await runServer(
    () => new ScriptedEngine(),
    {},
    async ({ url, address }) => {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      for (const path of ['/ready', '/v1/models']) {
        const response = await fetch(`${url}${path}`);
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({
          error: { code: 'loading', message: expect.stringContaining('still being loaded') },
        });
      }
      const client = createModelClient({ address });
      await client.getModel().catch((error) => seen.push(error));
      await client.waitUntilReady({ deadlineSeconds: 1 }).catch((error) => seen.push(error));
      client.close();
    },
  );
  expect(seen).toMatchObject([
    { code: 'LOADING', status: 14 },
    { code: 'DEADLINE_EXCEEDED', status: 4 },
  ]);
  expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  await server.close();
});
