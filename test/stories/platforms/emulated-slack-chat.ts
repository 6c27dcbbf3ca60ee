import { setTimeout as sleep } from 'node:timers/promises';

import type { KnownBlock } from '@slack/types';
import { WebClient } from '@slack/web-api';
import { createEmulator, type Emulator } from 'emulate';

import { HttpDelivery } from '../../../test-servers/slack/http-delivery.js';
import { visibleButtons, visibleText } from '../../../test-servers/slack/rendering.js';
import { freePort } from '../../support/free-port.js';
import { type Config, type RunningBot, runInThisProcess } from '../../support/running-bot.js';
import {
  type Answer,
  type Button,
  type ChatPlatform,
  isFinished,
  type Question,
  type Saying,
} from '../chat-platform.js';
import type { Picture } from '../pictures.js';
import { saidByBot, saidByModel } from './slack-blocks.js';

const tokens = { Ada: 'xoxp-ada', Ben: 'xoxp-ben', bot: 'xoxb-bot' };
const signingSecret = 'a secret of sixteen letters or more';
const pollMs = 50;

/** What conversations.replies gives. */
interface SlackMessage {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks?: readonly KnownBlock[];
}

/** A message of the emulated Slack, and who wrote it. */
interface AskedMessage {
  readonly channel: string;
  readonly ts: string;
  /** The first message of its thread. */
  readonly root: string;
  readonly by: string;
}

/**
 * A Slack that others wrote, so that ours does not merely agree with itself. It keeps messages, files and people; what
 * it does not send to apps by itself (events and button presses) is sent as Slack documents it.
 */
export class EmulatedSlackChat implements ChatPlatform {
  readonly name = 'slack';
  readonly altTextLength = 2_000;

  private constructor(
    private readonly slack: Emulator,
    private readonly bot: RunningBot,
    private readonly delivery: HttpDelivery,
    /** Ids, which the emulator gave out. */
    private readonly ids: { readonly team: string; readonly bot: string },
  ) {}

  static async open({ modelServer, config = {} }: { modelServer: string; config?: Config | undefined }) {
    const [slackPort, botPort] = [await freePort(), await freePort()];
    const logins = Object.entries(tokens).map(([name, token]) => [token, { login: name }]);
    const slack = await createEmulator({
      service: 'slack',
      port: slackPort,
      seed: {
        tokens: Object.fromEntries(logins),
        slack: { users: Object.keys(tokens).map((name) => ({ name })), channels: [] },
      },
    });
    const bot = await runInThisProcess(
      {
        MODEL_SERVER_ADDRESS: modelServer,
        SLACK_BOT_TOKEN: tokens.bot,
        SLACK_SIGNING_SECRET: signingSecret,
        SLACK_PORT: String(botPort),
        SLACK_API_URL: `${slack.url}/api/`,
      },
      withHost(config, new URL(slack.url).host),
      false,
    );
    const delivery = new HttpDelivery(`http://127.0.0.1:${botPort}/slack/events`, signingSecret);
    const { user_id: botId = '', team_id: team = '' } = await clientOf(slack, tokens.bot).auth.test();
    return new EmulatedSlackChat(slack, bot, delivery, { team, bot: botId });
  }

  meet(): void {
    throw new Error('Ada and Ben are all people of this Slack.');
  }

  async ask(
    text: string,
    { by = 'Ada', pictures = [], in: place = 'general' }: Saying = {},
  ): Promise<Question> {
    const channel = await this.channel(place);
    const ts = await this.send(channel, `<@${this.ids.bot}> ${text}`.trim(), pictures, by);
    return this.announced({ channel, ts, root: ts, by });
  }

  /** Asks in a thread that is there. */
  async askIn({ channel, root }: AskedMessage, text: string, by: string): Promise<Question> {
    const message = { channel, thread_ts: root, text: `<@${this.ids.bot}> ${text}` };
    const { ts = '' } = await this.client(by).chat.postMessage(message);
    return this.announced({ channel, ts, root, by });
  }

  describe(picture: Picture, question = '', saying: Saying = {}): Promise<Question> {
    return this.ask(question, { ...saying, pictures: [picture] });
  }

  async altText(): Promise<Question> {
    throw new Error('This Slack has no commands.');
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.bot.address}/metrics`)).text();
  }

  reconfigure(config: Config): Promise<void> {
    return this.bot.reconfigure(withHost(config, new URL(this.slack.url).host));
  }

  async restart(): Promise<void> {
    throw new Error('Nothing is told of restarts here.');
  }

  breaches(): string[] {
    return [];
  }

  async close(): Promise<void> {
    await this.bot.end();
    await this.slack.close();
  }

  /** What the bot says to a message: the first of its messages that follow in the thread. */
  async replyTo({ channel, ts, root }: AskedMessage): Promise<SlackMessage | undefined> {
    const thread = await this.thread(channel, root);
    return thread.find((message) => message.user === this.ids.bot && Number(message.ts) > Number(ts));
  }

  async delete({ channel, ts, root, by }: AskedMessage): Promise<void> {
    const previous = (await this.thread(channel, root)).find((message) => message.ts === ts);
    await this.client(by).chat.delete({ channel, ts });
    const event = { type: 'message', subtype: 'message_deleted', channel, deleted_ts: ts };
    await this.sendEvent({ ...event, previous_message: previous, event_ts: ts });
  }

  async press({ channel, by }: AskedMessage, message: SlackMessage, label: Button): Promise<void> {
    const button = visibleButtons({ blocks: message.blocks ?? [] }).find((one) => one.label === label);
    if (!button) throw new Error(`The message has no button "${label}".`);
    await this.delivery.deliver({
      kind: 'interactive',
      body: {
        type: 'block_actions',
        team: { id: this.ids.team },
        user: { id: await this.idOf(by) },
        channel: { id: channel },
        message,
        response_url: `${this.slack.url}/nowhere`,
        actions: [
          {
            type: label === 'Good answer' || label === 'Bad answer' ? 'feedback_buttons' : 'button',
            action_id: button.actionId,
            block_id: button.blockId ?? 'block',
            value: button.value,
          },
        ],
      },
    });
  }

  private async announced(asked: AskedMessage): Promise<Question> {
    const { channel, ts, root } = asked;
    const message = (await this.thread(channel, root)).find((one) => one.ts === ts);
    await this.sendEvent({ ...message, type: 'app_mention', channel, event_ts: ts });
    return new EmulatedQuestion(this, asked);
  }

  private async sendEvent(event: object): Promise<void> {
    const body = { type: 'event_callback', team_id: this.ids.team, event_id: crypto.randomUUID(), event };
    await this.delivery.deliver({ kind: 'events_api', body });
  }

  private async send(
    channel: string,
    text: string,
    pictures: readonly Picture[],
    by: string,
  ): Promise<string> {
    const client = this.client(by);
    if (pictures.length === 0) return (await client.chat.postMessage({ channel, text })).ts ?? '';
    await client.filesUploadV2({
      channel_id: channel,
      initial_comment: text,
      file_uploads: pictures.map(({ name, bytes }) => ({ file: bytes, filename: name })),
    });
    const { messages = [] } = await client.conversations.history({ channel, limit: 1 });
    return messages[0]?.ts ?? '';
  }

  private async thread(channel: string, ts: string): Promise<SlackMessage[]> {
    const { messages = [] } = await this.client('bot').conversations.replies({ channel, ts });
    return messages as SlackMessage[];
  }

  /** The channel of this name with everybody in it, made at its first use. */
  private async channel(name: string): Promise<string> {
    const bot = this.client('bot');
    const { channels = [] } = await bot.conversations.list({});
    const known = channels.find((channel) => channel.name === name)?.id;
    const channel = known ?? (await bot.conversations.create({ name })).channel?.id ?? '';
    for (const person of ['Ada', 'Ben'] as const) await this.client(person).conversations.join({ channel });
    return channel;
  }

  private async idOf(person: string): Promise<string> {
    return (await this.client(person).auth.test()).user_id ?? '';
  }

  private client(person: string): WebClient {
    const token = Object.entries(tokens).find(([name]) => name === person)?.[1];
    return clientOf(this.slack, token ?? '');
  }
}

class EmulatedQuestion implements Question {
  /** What the reply showed whenever it was looked at. */
  private readonly seen: string[];

  /** @param before what the reply showed until it was written again */
  constructor(
    private readonly chat: EmulatedSlackChat,
    private readonly asked: AskedMessage,
    private readonly before: readonly string[] = [],
  ) {
    this.seen = [...before];
  }

  async until(_what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const message = await this.chat.replyTo(this.asked);
      const shown = message && visibleText(message.text, message.blocks ?? []);
      if (message && shown !== undefined && shown !== this.before.at(-1)) {
        if (shown !== this.seen.at(-1)) this.seen.push(shown);
        const answer = new EmulatedAnswer(this.chat, this.asked, message, [...this.seen]);
        if (fits(answer)) return answer;
      }
      await sleep(pollMs);
    }
  }

  answer(): Promise<Answer> {
    return this.until('the question is answered', isFinished);
  }

  withdraw(): Promise<void> {
    return this.chat.delete(this.asked);
  }
}

class EmulatedAnswer implements Answer {
  readonly text;
  readonly parts;
  readonly remarks;
  readonly shown;
  readonly buttons;
  readonly onlyFor = undefined;
  readonly pinged = [];

  constructor(
    private readonly chat: EmulatedSlackChat,
    private readonly asked: AskedMessage,
    private readonly message: SlackMessage,
    readonly versions: readonly string[],
  ) {
    const { text, blocks = [] } = message;
    this.text = saidByModel({ text, blocks });
    this.parts = [this.text];
    this.remarks = saidByBot({ text, blocks });
    this.shown = visibleText(text, blocks);
    this.buttons = visibleButtons({ blocks }).map(({ label }) => label);
  }

  press(button: Button): Promise<void> {
    return this.chat.press(this.asked, this.message, button);
  }

  async tryAgain(): Promise<Question> {
    await this.press('Try again');
    return new EmulatedQuestion(this.chat, this.asked, this.versions);
  }

  followUp(text: string, { by = this.asked.by }: Saying = {}): Promise<Question> {
    return this.chat.askIn(this.asked, text, by);
  }
}

function clientOf(slack: Emulator, token: string): WebClient {
  return new WebClient(token, { slackApiUrl: `${slack.url}/api/` });
}

function withHost(config: Config, host: string): Config {
  return {
    ...config,
    images: { trustedHosts: [host], ...config.images },
    slack: { fileHosts: [host] },
    web: { enabled: false },
  };
}
