import { z } from 'zod';

/** A platform's id. As a number, one of that length would lose its last digits when YAML reads it. */
const id = z.string({
  error: ({ input }) => (typeof input === 'number' ? "Discord's ids have to stand in quotes" : undefined),
});

const list = (what: string) => ({
  allow: z
    .array(id)
    .default([])
    .describe(`Only these ${what} may ask, here and everywhere else. Empty: all may.`),
  deny: z.array(id).default([]).describe(`These ${what} may not ask, whatever else allows it.`),
});

const rate = (questions: number, seconds: number) =>
  z
    .strictObject({
      questions: z.int().positive().default(questions).describe('How many questions are answered …'),
      seconds: z.int().positive().default(seconds).describe('… in this many seconds.'),
    })
    .prefault({});

const imagesConfig = z.strictObject({
  maxPerQuestion: z
    .int()
    .min(1)
    .max(16)
    .default(4)
    .describe('The most images looked at for one question; the rest is named in a warning.'),
  maxBytes: z
    .int()
    .positive()
    .default(10 * 1024 * 1024)
    .describe('The largest image file that is fetched, in bytes.'),
  timeoutSeconds: z.number().positive().default(20).describe('How long fetching one image may take.'),
  allowHttp: z
    .boolean()
    .default(false)
    .describe('Also fetch image addresses that people type with http://. Off: https:// only.'),
  trustedHosts: z
    .array(z.string())
    .default([])
    .describe(
      'Hosts ("intranet.example:8080") that may be fetched although their addresses are private or the scheme is http. ' +
        'All other private addresses are refused.',
    ),
});

const conversationConfig = z.strictObject({
  maxMessages: z
    .int()
    .positive()
    // What the page sends is bounded (`answerRequest`).
    .max(499)
    .default(25)
    .describe('How many messages of a reply chain or thread are read.'),
  whenBusy: z
    .enum(['queue', 'replace'])
    .default('queue')
    .describe(
      'A second question while an answer in the same conversation is running: "queue" answers it afterwards, ' +
        '"replace" stops the running answer.',
    ),
});

const answersConfig = z.strictObject({
  maxNewTokens: z
    .int()
    .positive()
    .optional()
    .describe("The longest answer in tokens. Left out: the model's own default."),
  temperature: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe("0 always takes the likeliest word. Left out: the model's own default."),
  patienceSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(120)
    .describe('After how long without a word from the model server an answer is given up.'),
  showDuration: z.boolean().default(false).describe('Say below each answer how long it took.'),
});

const permissionsConfig = z.strictObject({
  users: z.strictObject(list('users')).prefault({}),
  roles: z.strictObject(list('roles (on Slack: user groups)')).prefault({}),
  channels: z.strictObject(list('channels')).prefault({}),
  servers: z.strictObject(list('servers and workspaces')).prefault({}),
  directMessages: z.boolean().default(true).describe('Answer direct messages.'),
});

const limitsConfig = z.strictObject({
  perUser: rate(20, 60).describe('Questions of one person.'),
  perChannel: rate(60, 60).describe('Questions in one channel.'),
});

const webConfig = z.strictObject({
  enabled: z.boolean().default(true).describe('Serve the web page.'),
});

/** The `discord` part of `bot.config.yaml`. */
const discordConfig = z.strictObject({
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

/** The `slack` part of `bot.config.yaml`. */
const slackConfig = z.strictObject({
  fileHosts: z
    .array(z.string())
    .default(['files.slack.com', 'slack-files.com'])
    .describe("Hosts of Slack's own files, the only ones that are sent the bot token."),
});

/** `bot.config.yaml`: how the bot behaves. Secrets and addresses come from the environment (`environment.ts`). */
export const botConfig = z.strictObject({
  language: z
    .enum(['auto', 'en', 'de', 'zh'])
    .default('auto')
    .describe("The bot's own words. auto: the language that the platform reports for the asker."),
  images: imagesConfig.prefault({}),
  conversation: conversationConfig.prefault({}),
  answers: answersConfig.prefault({}),
  permissions: permissionsConfig
    .prefault({})
    .describe(
      'Who may ask. As it stands, everybody may: in all servers and workspaces the bot is in, in direct messages, ' +
        'wherever people bring it along, and on the web page. A list holds everywhere, and all lists together: where one ' +
        'is given, direct messages are open only if "direct" is in it (for users: the person), and the web page only if ' +
        '"web" is. Ids stand in quotes.',
    ),
  limits: limitsConfig.prefault({}),
  web: webConfig.prefault({}),
  discord: discordConfig.prefault({}),
  slack: slackConfig.prefault({}),
});

export type BotConfig = z.infer<typeof botConfig>;
