import type { Logger } from '@nestjs/common';
import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Settings } from '../../config/settings.js';
import type { Chat } from '../../contract/index.js';
import { wrongField } from '../../foreign-json.js';
import type { ImageFetcher } from '../../images/image-fetcher.js';
import type { Metrics } from '../../metrics/metrics.js';
import type { Claims } from '../../redis/claims.js';
import { ConversationReader } from '../conversation/conversation-reader.js';
import { CustomEmoji } from '../conversation/custom-emoji.js';
import type { SlackIdentity } from '../conversation/identity.js';
import { BrokenReplies } from '../conversation/interrupted-answers.js';
import { LinkPreviews } from '../conversation/link-previews.js';
import { MessageImages } from '../conversation/message-images.js';
import { NameDirectory } from '../conversation/names.js';
import { People } from '../conversation/people.js';
import { PromptImages } from '../conversation/prompts.js';
import { Questions } from '../conversation/questions.js';
import { postedMessage, slackMessage } from '../conversation/slack-message.js';
import { UnreadableItems } from '../conversation/unreadable-items.js';
import { UserGroups } from '../conversation/user-groups.js';
import { AgentViewListener, openedHome } from '../listeners/agent-view.js';
import { Answering } from '../listeners/answering.js';
import { ButtonListener, buttonPress } from '../listeners/buttons.js';
import { DescribeListener, messageShortcut, slashCommand } from '../listeners/describe.js';
import { describeModalId, modalErrors, modalSubmission } from '../listeners/describe-modal.js';
import { MessageListener } from '../listeners/messages.js';
import { firstLine } from '../reply/api-errors.js';
import { EditPace } from '../reply/edit-pace.js';
import { tellPrivately } from '../reply/private-reply.js';
import { actionIds } from '../reply/reply-format.js';
import type { Prompt } from '../reply/reply-record.js';
import { messageQuestionId } from '../reply/reply-record.js';
import { RunningReplies } from '../reply/running-replies.js';

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

export interface AdapterParts {
  readonly chat: Chat;
  readonly claims: Claims;
  readonly settings: Settings;
  readonly fetcher: ImageFetcher;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly botToken: string;
  readonly identity: SlackIdentity;
}

const deletion = z.object({ channel: z.string(), deleted_ts: z.string() });
const change = z.object({
  channel: z.string(),
  message: slackMessage,
  previous_message: slackMessage.optional().catch(undefined),
});

/** How somebody is told that what they typed, pressed or chose came to nothing. */
const interaction = z.union([
  z.object({ response_url: z.string(), user: z.object({ id: z.string() }) }),
  z
    .object({ response_url: z.string(), user_id: z.string() })
    .transform(({ user_id: id, ...command }) => ({ ...command, user: { id } })),
]);

/** Connects Slack's events, commands, shortcuts and buttons with what answers them. */
export function wireListeners(app: App, parts: AdapterParts): Answering {
  const { chat, claims, settings, fetcher, metrics, logger, botToken, identity } = parts;
  const { client } = app;
  const running = new RunningReplies();
  const tools = { client, pace: new EditPace(() => running.count), running, logger };
  const unreadable = new UnreadableItems(logger, () => metrics.unreadable('slack'));
  const emoji = new CustomEmoji(client, logger);
  const images = new MessageImages(client, botToken, settings, fetcher, emoji, logger);
  const people = new People(client, new UserGroups(client, settings, logger), logger);
  const names = new NameDirectory(client, people);
  const reader = new ConversationReader(client, identity, images, names, unreadable);
  const previews = new LinkPreviews(reader);
  const answering = new Answering(chat, tools, identity.teamId, settings, logger);
  const broken = new BrokenReplies(chat, tools, reader, identity, logger);
  const questions = new Questions(identity, reader, images, broken, previews, settings);
  const messages = new MessageListener(claims, identity, people, reader, questions, answering);
  const promptImages = new PromptImages(identity, reader, images);
  const describe = new DescribeListener(client, people, questions, promptImages, answering, settings);
  const buttons = new ButtonListener(chat, people, reader, questions, answering, broken);
  const agentView = new AgentViewListener(client, people, answering);

  /** Reads foreign data; what cannot be read is reported, and nothing is done about it. */
  const read = <Schema extends z.ZodType>(what: string, schema: Schema, data: unknown) => {
    const result = schema.safeParse(data);
    if (!result.success) unreadable.report([`${what}: ${wrongField(result.error)}`]);
    return result.data;
  };
  const readMessage = (event: unknown) => {
    const message = read('message event', postedMessage, event);
    unreadable.report(message?.leftOut ?? []);
    return message;
  };
  /** Does what somebody typed, pressed or chose. When it cannot be read, or fails, they are told. */
  const interact = async <Schema extends z.ZodType>(
    what: string,
    schema: Schema,
    body: unknown,
    work: (chosen: z.output<Schema>) => Promise<void>,
  ) => {
    try {
      const chosen = read(what, schema, body);
      if (chosen !== undefined) return await work(chosen);
    } catch (error) {
      logger.error(`Slack: an interaction failed: ${firstLine(error)}`);
    }
    const { data } = interaction.safeParse(body);
    if (data === undefined) return;
    const words = answering.words(await people.find(data.user.id));
    await tellPrivately(data.response_url, words.unexpected);
  };

  app.event('app_mention', async ({ event, context }) => {
    const message = readMessage(event);
    if (message) await messages.handle(message, { isRetry: isRetry(context.retryNum), isMention: true });
  });
  app.event('message', async ({ event, context }) => {
    if (event.subtype === 'message_deleted') {
      const deleted = read('deletion', deletion, event);
      if (deleted) await chat.questionDeleted(messageQuestionId(deleted.channel, deleted.deleted_ts));
    } else if (event.subtype === 'message_changed') {
      const changed = read('change', change, event);
      if (changed === undefined) return;
      previews.onChange(changed.channel, changed.message.ts);
      await messages.edited({ ...changed.message, channel: changed.channel }, changed.previous_message);
    } else {
      const message = readMessage(event);
      if (message) await messages.handle(message, { isRetry: isRetry(context.retryNum) });
    }
  });
  app.event('app_home_opened', async ({ event }) => {
    const home = read('opened home', openedHome, event);
    if (home) await agentView.opened(home);
  });

  for (const [name, wish] of Object.entries(slashCommands)) {
    app.command(name, async ({ command, ack }) => {
      await ack();
      await interact('command', slashCommand, command, (typed) => describe.command(typed, wish));
    });
  }
  for (const [callback_id, wish] of Object.entries(messageShortcuts)) {
    app.shortcut({ type: 'message_action', callback_id }, async ({ shortcut, ack }) => {
      await ack();
      await interact('shortcut', messageShortcut, shortcut, (chosen) => describe.shortcut(chosen, wish));
    });
  }
  app.view(describeModalId, async ({ body, ack }) => {
    const sent = read('modal', modalSubmission, body);
    if (sent === undefined) {
      const words = answering.words(await people.find(body.user.id));
      return ack(modalErrors(words.unexpected));
    }
    unreadable.report(sent.leftOut);
    await ack();
    await describe.submit(sent);
  });

  app.action(actionIds.stop, async ({ body, ack }) => {
    await ack();
    await interact('button', buttonPress, body, (press) => buttons.stop(press));
  });
  app.action(actionIds.regenerate, async ({ body, ack }) => {
    await ack();
    await interact('button', buttonPress, body, (press) => buttons.regenerate(press));
  });
  app.action(actionIds.feedback, async ({ body, ack }) => {
    await ack();
    await interact('button', buttonPress, body, (press) => buttons.vote(press));
  });

  // The last resort: whatever else a payload does to its listener, the next is heard.
  app.error(async (error) => {
    logger.error(`Slack: a payload could not be handled: ${firstLine(error)}`, error.stack);
  });
  return answering;
}

/** Slack numbers its further attempts to deliver an event; over Socket Mode the first is attempt 0. */
function isRetry(attempt: number | undefined): boolean {
  return attempt !== undefined && attempt > 0;
}
