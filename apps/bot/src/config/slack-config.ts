import { z } from 'zod';

/** The `slack` part of `bot.config.yaml`. */
export const slackConfig = z.strictObject({
  fileHosts: z
    .array(z.string())
    .default(['files.slack.com', 'slack-files.com'])
    .describe("Hosts of Slack's own files, the only ones that are sent the bot token."),
});
