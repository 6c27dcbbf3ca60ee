import { z } from 'zod';
import type { Internals } from '../internals.js';
import { messageBody } from '../message-rules.js';
import type { Router } from './router.js';

const callback = z.object({ type: z.number().int(), data: z.record(z.string(), z.unknown()).optional() });

/** Answers to interactions, which are authorised by the interaction's token (Receiving and Responding). */
export function interactionRoutes(router: Router, server: Internals): void {
  const { interactions, renderer } = server;

  router.on('POST /interactions/:interaction/:token/callback', async ({ params, query, body, uploads }) => {
    const { type, data } = callback.parse(body);
    const { interaction, message } = await interactions.respond(
      params.interaction!,
      params.token!,
      type,
      data,
      uploads,
    );
    if (query.get('with_response') !== 'true') return undefined;
    return {
      interaction: {
        id: interaction.id,
        type: interaction.type,
        ...(message && { response_message_id: message.id }),
        response_message_ephemeral: interaction.ephemeral,
        response_message_loading: interaction.response === 'deferred',
      },
      ...(message && { resource: { type, message: renderer.message(message) } }),
    };
  });

  router.on('POST /webhooks/:application/:token', async ({ params, body, uploads }) =>
    renderer.message(await interactions.followUp(params.token!, messageBody.parse(body), uploads)),
  );
  router.on('GET /webhooks/:application/:token/messages/:message', ({ params }) =>
    renderer.message(interactions.message(params.token!, params.message!)),
  );
  router.on('PATCH /webhooks/:application/:token/messages/:message', async ({ params, body, uploads }) =>
    renderer.message(
      await interactions.edit(params.token!, params.message!, messageBody.parse(body), uploads),
    ),
  );
  router.on('DELETE /webhooks/:application/:token/messages/:message', ({ params }) => {
    interactions.delete(params.token!, params.message!);
  });
}
