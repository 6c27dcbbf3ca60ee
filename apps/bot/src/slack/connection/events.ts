import { Injectable, Logger } from '@nestjs/common';
import type { App } from '@slack/bolt';
import { z } from 'zod';
import { wrongField } from '../../foreign-json.js';
import { LinkPreviews } from '../conversation/link-previews.js';
import { People } from '../conversation/people.js';
import {
  type PostedMessage,
  postedMessage,
  slackMessage,
  UnreadableItems,
} from '../conversation/slack-message.js';
import { AgentViewListener, openedHome } from '../listeners/agent-view.js';
import { Answers } from '../listeners/answers.js';
import { ButtonListener, buttonPress } from '../listeners/buttons.js';
import { DescribeListener, messageShortcut, slashCommand } from '../listeners/describe.js';
import { describeModalId, modalErrors, modalSubmission } from '../listeners/describe-modal.js';
import { MessageListener } from '../listeners/messages.js';
import { firstLine } from '../reply/api-errors.js';
import { tellPrivately } from '../reply/private-reply.js';
import { actionIds } from '../reply/reply-format.js';
import type { Prompt } from '../reply/reply-record.js';

/** What the manifest's commands ask for. */
export const slashCommands: Readonly<Record<string, Prompt['wish']>> = {
  '/describe': 'chat',
  '/alt-text': 'alt-text',
};

/** What the manifest's entries of a message's menu ask for, by their callback ids. */
export const messageShortcuts: Readonly<Record<string, Prompt['wish']>> = {
  describe_image: 'chat',
  alt_text: 'alt-text',
};

const deletion = z.object({ channel: z.string(), deleted_ts: z.string() });
const change = z.object({
  channel: z.string(),
  message: slackMessage,
  previous_message: slackMessage.optional().catch(undefined),
});

/** Where to tell somebody that what they typed, pressed or chose failed. */
const interaction = z.union([
  z.object({ response_url: z.string(), user: z.object({ id: z.string() }) }),
  z
    .object({ response_url: z.string(), user_id: z.string() })
    .transform(({ user_id: id, ...command }) => ({ ...command, user: { id } })),
]);

/** Connects Slack's events, commands, shortcuts and buttons with what answers them. */
@Injectable()
export class SlackEvents {
  constructor(
    private readonly messages: MessageListener,
    private readonly describe: DescribeListener,
    private readonly buttons: ButtonListener,
    private readonly agentView: AgentViewListener,
    private readonly previews: LinkPreviews,
    private readonly people: People,
    private readonly answers: Answers,
    private readonly unreadable: UnreadableItems,
    private readonly logger: Logger,
  ) {}

  /** Listens to an app that has not started yet. */
  listen(app: App): void {
    this.listenToMessages(app);
    this.listenToCommands(app);
    this.listenToButtons(app);
    app.event('app_home_opened', async ({ event }) => {
      const home = this.read('opened home', openedHome, event);
      if (home) await this.agentView.suggestPrompts(home);
    });
    // The last resort: whatever else a payload does to its listener, the next is heard.
    app.error(async (error) => {
      this.logger.error(`Slack: a payload could not be handled: ${firstLine(error)}`, error.stack);
    });
  }

  private listenToMessages(app: App): void {
    app.event('app_mention', async ({ event, context }) => {
      const message = this.readMessage(event);
      if (message)
        await this.messages.handleMessage(message, { isRetry: isRetry(context.retryNum), isMention: true });
    });
    app.event('message', async ({ event, context }) => {
      if (event.subtype === 'message_deleted') {
        const deleted = this.read('deletion', deletion, event);
        if (deleted) await this.messages.handleDeletion(deleted.channel, deleted.deleted_ts);
      } else if (event.subtype === 'message_changed') {
        const changed = this.read('change', change, event);
        if (changed === undefined) return;
        const { channel, message, previous_message: before } = changed;
        this.previews.noteChange(channel, message.ts);
        await this.messages.handleEdit(before, { ...message, channel });
      } else {
        const message = this.readMessage(event);
        if (message) await this.messages.handleMessage(message, { isRetry: isRetry(context.retryNum) });
      }
    });
  }

  private listenToCommands(app: App): void {
    for (const [name, wish] of Object.entries(slashCommands)) {
      app.command(name, async ({ command, ack }) => {
        await ack();
        await this.interact('command', slashCommand, command, (typed) =>
          this.describe.handleCommand(typed, wish),
        );
      });
    }
    for (const [callback_id, wish] of Object.entries(messageShortcuts)) {
      app.shortcut({ type: 'message_action', callback_id }, async ({ shortcut, ack }) => {
        await ack();
        await this.interact('shortcut', messageShortcut, shortcut, (chosen) =>
          this.describe.handleMenuEntry(chosen, wish),
        );
      });
    }
    app.view(describeModalId, async ({ body, ack }) => {
      const sent = this.read('modal', modalSubmission, body);
      if (sent === undefined) {
        const words = this.answers.wordsFor(await this.people.find(body.user.id));
        return ack(modalErrors(words.unexpected));
      }
      this.unreadable.report(sent.leftOut);
      await ack();
      await this.describe.handleModal(sent);
    });
  }

  private listenToButtons(app: App): void {
    app.action(actionIds.stop, async ({ body, ack }) => {
      await ack();
      await this.interact('button', buttonPress, body, (press) => this.buttons.stop(press));
    });
    app.action(actionIds.regenerate, async ({ body, ack }) => {
      await ack();
      await this.interact('button', buttonPress, body, (press) => this.buttons.regenerate(press));
    });
    app.action(actionIds.feedback, async ({ body, ack }) => {
      await ack();
      await this.interact('button', buttonPress, body, (press) => this.buttons.vote(press));
    });
  }

  /** Reads foreign data; what cannot be read is reported, and nothing is done about it. */
  private read<Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    data: unknown,
  ): z.output<Schema> | undefined {
    const result = schema.safeParse(data);
    if (!result.success) this.unreadable.report([`${what}: ${wrongField(result.error)}`]);
    return result.data;
  }

  private readMessage(event: unknown): PostedMessage | undefined {
    const message = this.read('message event', postedMessage, event);
    this.unreadable.report(message?.leftOut ?? []);
    return message;
  }

  /** Does what somebody typed, pressed or chose. When it cannot be read, or fails, they are told. */
  private async interact<Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    body: unknown,
    work: (chosen: z.output<Schema>) => Promise<void>,
  ): Promise<void> {
    try {
      const chosen = this.read(what, schema, body);
      if (chosen !== undefined) return await work(chosen);
    } catch (error) {
      this.logger.error(`Slack: an interaction failed: ${firstLine(error)}`);
    }
    const { data } = interaction.safeParse(body);
    if (data === undefined) return;
    const words = this.answers.wordsFor(await this.people.find(data.user.id));
    await tellPrivately(data.response_url, words.unexpected);
  }
}

/** Slack numbers its further attempts to deliver an event; over Socket Mode the first is attempt 0. */
function isRetry(attempt: number | undefined): boolean {
  return attempt !== undefined && attempt > 0;
}
