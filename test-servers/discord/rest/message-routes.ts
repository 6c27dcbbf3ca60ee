import { ChannelType, PermissionFlagsBits } from 'discord.js';
import { z } from 'zod';
import { notFound } from '../errors.js';
import type { Internals } from '../internals.js';
import { messageBody } from '../message-rules.js';
import { requirePermission, sendPermission } from '../permissions.js';
import type { Channel } from '../state.js';
import type { Router } from './router.js';

const threadBody = z.object({ name: z.string().min(1).max(100) });
const historyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: z.string().optional(),
  after: z.string().optional(),
});

/** Channels, messages, typing and threads (Discord docs, Channels Resource and Message Resource). */
export function messageRoutes(router: Router, server: Internals): void {
  const { state, board, renderer } = server;
  const botId = state.botUser.id;
  const channelOf = (id: string | undefined, permission = PermissionFlagsBits.ViewChannel): Channel => {
    const channel = state.channels.get(id ?? '');
    if (!channel) throw notFound.channel();
    requirePermission(state, channel, botId, permission);
    return channel;
  };

  router.on('GET /channels/:channel', ({ params }) => renderer.channel(channelOf(params.channel)));

  router.on('GET /channels/:channel/messages', ({ params, query }) => {
    const channel = channelOf(params.channel, PermissionFlagsBits.ReadMessageHistory);
    const { limit, before, after } = historyQuery.parse(Object.fromEntries(query));
    const messages = state
      .messagesIn(channel.id)
      .filter((message) => message.visibleOnlyTo === undefined)
      .filter(({ id }) => !before || BigInt(id) < BigInt(before))
      .filter(({ id }) => !after || BigInt(id) > BigInt(after));
    return messages
      .slice(-limit)
      .reverse()
      .map((message) => server.messageForRest(message));
  });

  router.on('GET /channels/:channel/messages/:message', ({ params }) => {
    const channel = channelOf(params.channel, PermissionFlagsBits.ReadMessageHistory);
    const message = board.find(channel.id, params.message!, botId);
    if (message.visibleOnlyTo !== undefined) throw notFound.message();
    return server.messageForRest(message);
  });

  router.on('POST /channels/:channel/messages', async ({ params, body, uploads }) => {
    const channel = channelOf(params.channel);
    return server.messageForRest(await board.send(channel, botId, messageBody.parse(body), uploads));
  });

  router.on('PATCH /channels/:channel/messages/:message', async ({ params, body, uploads }) => {
    const message = board.find(params.channel!, params.message!, botId);
    return server.messageForRest(await board.edit(message, botId, messageBody.parse(body), uploads));
  });

  router.on('DELETE /channels/:channel/messages/:message', ({ params }) => {
    board.delete(board.find(params.channel!, params.message!, botId), botId);
  });

  router.on('POST /channels/:channel/typing', ({ params }) => {
    const channel = channelOf(params.channel);
    requirePermission(state, channel, botId, sendPermission(channel));
    server.typed(botId, channel);
  });

  router.on('POST /channels/:channel/messages/:message/threads', ({ params, body }) => {
    const channel = channelOf(params.channel, PermissionFlagsBits.CreatePublicThreads);
    const message = board.find(channel.id, params.message!, botId);
    return renderer.channel(server.openThread(message, threadBody.parse(body).name, botId));
  });

  router.on('PUT /channels/:channel/thread-members/@me', ({ params }) => {
    if (channelOf(params.channel).type !== ChannelType.PublicThread) throw notFound.channel();
  });
}
