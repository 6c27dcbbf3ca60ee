import type { LoggerService } from '@nestjs/common';
import type { APIMessage } from 'discord.js';
import fc from 'fast-check';
import type { GenerateEvent, GenerateRequest, Segment } from '#libs/engine';

import type { Channel, Message } from '../../test-servers/discord/index.js';
import { type RunningServer, runServer } from '../model-server/running-server.js';
import { finished } from '../support/held-engine.js';
import { distorted, type Oddity, oddity } from '../support/odd-payloads.js';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { DiscordBot } from './discord-bot.js';

/** What the operator reads of failures. */
class Failures implements LoggerService {
  readonly lines: string[] = [];
  log = () => {};
  warn = () => {};
  error = (...message: unknown[]) => {
    this.lines.push(
      message
        .map((one) =>
          one instanceof Error
            ? String(one) + (one.stack ?? '').split('\n').slice(1, 9).join(' ')
            : String(one),
        )
        .join(' '),
    );
  };
}

class GreetingEngine extends ScriptedEngine {
  override async *generate(request: GenerateRequest): AsyncGenerator<GenerateEvent> {
    this.requests.push(request);
    yield { kind: 'delta', text: 'Hello.', tokenIds: [1] };
    yield finished;
  }

  /** One token per segment, so that every conversation fits. */
  override async countTokens(segments: readonly Segment[]) {
    return { tokens: 1 + segments.length, segmentTokens: segments.map(() => 1) };
  }
}

describe('payloads with a field that is null, missing or of another type', () => {
  const engine = new GreetingEngine();
  const failures = new Failures();
  let server: RunningServer;
  let bot: DiscordBot;

  beforeAll(async () => {
    server = await runServer(() => engine);
    bot = await DiscordBot.start({
      modelServer: server.address,
      config: { discord: { readMessageContent: true } },
      discord: { messageContentIntent: true, rateLimits: generousLimits },
      logger: failures,
    });
  });
  afterEach(() => {
    const expected = /DiscordAPIError|cannot be read and is passed over/;
    const unexpected = failures.lines.splice(0).filter((line) => !expected.test(line));
    expect([...new Set(unexpected)].join('\n')).toBe('');
  });
  afterAll(async () => {
    await bot.close();
    await server.close();
  });

  /** Everything that a message can hold. */
  async function richMessage(channel: Channel): Promise<Message> {
    const original = await bot.ben.send(channel, { text: 'The first.' });
    return bot.ben.send(channel, {
      text: `Look <@${bot.ada.id}>`,
      replyTo: original,
      embeds: [{ url: 'https://example.org', title: 'An example' }],
    });
  }

  async function expectAnAnswer(channel: Channel, fits = /^Hello\./): Promise<void> {
    const question = await bot.ada.send(channel, { mention: 'bot', text: 'Hello?' });
    expect((await bot.answerTo(question, channel)).content).toMatch(fits);
  }

  it('of the gateway leave the bot listening', async () => {
    const { discord, channel, guild } = bot;
    const message = await richMessage(channel);
    const answer = await bot.answerTo(await bot.ada.send(channel, { mention: 'bot', text: 'Hello?' }));
    const whole = { ...withEverything(discord.renderer.message(message)), guild_id: guild.id };
    const gone = { channel_id: channel.id, guild_id: guild.id };
    const send = (event: string, payload: object) =>
      discord.gateway.dispatch(event, guild.id, 0, () => payload);
    const happenings: readonly (() => unknown)[] = [
      () => send('MESSAGE_CREATE', { ...whole, id: discord.state.snowflakes.next() }),
      () => send('MESSAGE_UPDATE', whole),
      () => send('MESSAGE_DELETE', { ...gone, id: whole.id }),
      () => send('MESSAGE_DELETE_BULK', { ...gone, ids: [whole.id] }),
      () => bot.ada.messageCommand(message, 'Describe this image'),
      () => bot.ada.command(channel, 'describe', { image: picture, question: 'What?' }),
      () => bot.ada.press(answer, 'Good answer'),
    ];
    const oddHappenings = fc.array(fc.tuple(fc.nat(happenings.length - 1), oddity), {
      minLength: 40,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(oddHappenings, async (odd) => {
        for (const [which, change] of odd) {
          discord.gateway.distort = (_event, payload) => distorted(payload, change);
          await happenings[which]?.();
          discord.gateway.distort = (_event, payload) => payload;
        }
        await expectAnAnswer(channel, answered);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it('that discord.js cannot construct are said in one line', async () => {
    bot.discord.gateway.dispatch('GUILD_ROLE_CREATE', bot.guild.id, 0, () => ({
      guild_id: bot.guild.id,
      role: null,
    }));
    await expectAnAnswer(bot.channel, answered);
    expect(failures.lines.splice(0)).toEqual([
      expect.stringMatching(/An event of Discord \(GUILD_ROLE_CREATE\) cannot be read and is passed over/),
    ]);
  });

  it.each(['entitlements', 'authorizing_integration_owners'])(
    'do not keep a command without %s from being answered',
    async (field) => {
      const { discord, channel, ada } = bot;
      discord.gateway.distort = (_event, payload) => ({ ...(payload as object), [field]: undefined });
      const interaction = await ada.command(channel, 'describe', { image: picture });
      discord.gateway.distort = (_event, payload) => payload;
      const answer = await discord.until('the command is answered', () => {
        const shown = discord.answerTo(interaction);
        return shown && !shown.content.includes('Looking') ? shown : undefined;
      });
      expect(answer.content).toMatch(/picture\.png: this is not a picture/);
    },
  );

  it('in a thread leave the rest of it readable', async () => {
    const ask = async (change: Oddity) => {
      const start = await bot.ben.send(bot.channel, { text: 'A thread.' });
      const thread = bot.ada.openThread(start, `thread ${start.id}`);
      await bot.ben.send(thread, { text: `Before ${start.id}.` });
      const odd = await richMessage(thread);
      bot.discord.distortions.set(odd.id, (message) =>
        distorted(withoutPictures(withEverything(message)), change),
      );
      await bot.ben.send(thread, { text: `After ${start.id}.` });
      await expectAnAnswer(thread);
      expect(prompts(engine)).toContainEqual(
        expect.stringMatching(new RegExp(`Before ${start.id}.*After ${start.id}`, 's')),
      );
    };
    await fc.assert(
      fc.asyncProperty(fc.array(oddity, several), async (changes) => {
        await Promise.all(changes.map(ask));
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it('do not keep a question from being answered', async () => {
    const essential = ['id', 'channel_id', 'guild_id', 'author', 'content', 'mentions', 'type'];
    const ask = async (change: Oddity) => {
      const channel = bot.discord.textChannel(bot.guild, 'another');
      bot.discord.gateway.dispatch('CHANNEL_CREATE', bot.guild.id, 0, () =>
        bot.discord.renderer.channel(channel),
      );
      const letGo = bot.discord.gateway.holdBack();
      const question = await bot.ada.send(channel, { mention: 'bot', text: 'Hello?' });
      bot.discord.distortions.set(question.id, (message) =>
        distorted(withEverything(message), change, essential),
      );
      letGo();
      expect((await bot.answerTo(question, channel)).content).toMatch(answered);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(oddity, several), async (changes) => {
        await Promise.all(changes.map(ask));
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});

/** What cannot be looked at of all the pictures that there might be is said. */
const answered = /Hello\.|not a picture|could not fetch|cannot read this picture/;
const several = { minLength: 8, maxLength: 8 };
const picture = { filename: 'picture.png', bytes: Buffer.from('no picture') };

/** With what Discord sends besides what the server for tests does. */
function withEverything(message: APIMessage): APIMessage {
  const media = { url: 'https://example.org/a.png', proxy_url: 'https://example.org/b.png' };
  return {
    ...message,
    attachments: [{ id: '8', filename: 'notes.txt', url: 'https://example.org/notes.txt', size: 5 }],
    sticker_items: [{ id: '7', name: 'Wave', format_type: 3 }],
    components: [
      { type: 1, components: [{ type: 2, style: 2, label: 'Go', custom_id: 'go' }] },
      { type: 17, components: [{ type: 12, items: [{ media }] }] },
      { type: 9, components: [{ type: 10, content: 'Text' }], accessory: { type: 11, media } },
    ],
    webhook_id: null,
    activity: null,
    application: null,
    embeds: [
      {
        type: 'rich',
        author: { name: 'CI' },
        title: 'Build',
        fields: [{ name: 'Branch', value: 'main' }],
        footer: { text: 'Builder' },
      },
    ],
    poll: {
      question: { text: 'Which?' },
      answers: [{ answer_id: 1, poll_media: { text: 'This' } }],
      expiry: null,
      results: null,
    },
    reactions: null,
    thread: null,
    role_subscription_data: null,
  } as unknown as APIMessage;
}

function withoutPictures(message: APIMessage): APIMessage {
  const { sticker_items: _, components, ...rest } = message;
  return { ...rest, attachments: [], components: components?.slice(0, 1) } as APIMessage;
}

const generousLimits = {
  'POST /channels/:channel/messages': { limit: 1_000, windowMs: 100 },
  'PATCH /channels/:channel/messages/:message': { limit: 1_000, windowMs: 100 },
};

function prompts(engine: ScriptedEngine): string[] {
  return engine.requests.map(({ segments }) =>
    segments.map((segment) => (segment.kind === 'text' ? segment.text : '<image>')).join(''),
  );
}
