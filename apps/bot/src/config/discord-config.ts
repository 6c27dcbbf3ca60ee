import { z } from 'zod';

import { id } from './id.js';

/** The `discord` part of `bot.config.yaml`. */
export const discordConfig = z.strictObject({
  readMessageContent: z
    .boolean()
    .default(false)
    .describe(
      'Read images in messages that others replied to and in the channel. Needs the "Message Content" intent to be ' +
        'switched on for the bot in the Discord developer portal.',
    ),
  commandServers: z
    .array(id)
    .default([])
    .describe('Register the commands only in these servers, at once, for development. Empty: everywhere.'),
  shards: z
    .union([z.literal('auto'), z.int().positive()])
    .default(1)
    .describe(
      'How many processes share the servers the bot is in. Discord demands several from 2500 servers on; "auto" takes ' +
        'as many as it recommends.',
    ),
  imageHosts: z
    .array(z.string())
    .default(['cdn.discordapp.com', 'media.discordapp.net'])
    .describe("Hosts of Discord's own files."),
});
