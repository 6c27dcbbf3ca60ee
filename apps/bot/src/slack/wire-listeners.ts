import type { Logger } from '@nestjs/common';
import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Chat, Claims } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import type { ImageFetcher } from '../images/image-fetcher.js';
import { Answering } from './answering.js';
import { BrokenReplies } from './broken-replies.js';
import { ConversationReader } from './conversation-reader.js';
import { CustomEmoji } from './custom-emoji.js';
import type { SlackIdentity } from './identity.js';
import { LinkPreviews } from './link-previews.js';
import { AgentViewListener, openedHome } from './listeners/agent-view.js';
import { ButtonListener, buttonPress } from './listeners/buttons.js';
import { DescribeListener, messageShortcut, slashCommand } from './listeners/describe.js';
import { describeModalId } from './listeners/describe-modal.js';
import { MessageListener } from './listeners/messages.js';
import { MessageImages } from './message-images.js';
import { NameDirectory } from './names.js';
import { People } from './people.js';
import { PromptImages } from './prompts.js';
import { Questions } from './questions.js';
import { firstLine } from './replies/api-errors.js';
import { EditPace } from './replies/edit-pace.js';
import { tellPrivately } from './replies/private-reply.js';
import { actionIds } from './replies/reply-blocks.js';
import { RunningReplies } from './replies/running-replies.js';
import { messageQuestionId } from './reply-record.js';
import { postedMessage, slackMessage, wrongField } from './slack-message.js';
import { UnreadableItems } from './unreadable-items.js';
import { UserGroups } from './user-groups.js';

export interface AdapterParts {
  readonly chat: Chat;
  readonly claims: Claims;
  readonly settings: Settings;
  readonly fetcher: ImageFetcher;
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

/** How somebody is told that what they pressed or chose came to nothing. */
const interaction = z.object({ response_url: z.string(), user: z.object({ id: z.string() }) });

/** Connects Slack's events, commands, shortcuts and buttons with what answers them. */
export function wireListeners(app: App, parts: AdapterParts): Answering {
  const { chat, claims, settings, fetcher, logger, botToken, identity } = parts;
  const { client } = app;
  const running = new RunningReplies();
  const tools = { client, pace: new EditPace(() => running.count), running, logger };
  const unreadable = new UnreadableItems(logger);
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
  /** Whoever pressed or chose something is told when it failed. */
  const interact = async (body: unknown, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      logger.error(`Slack: an interaction failed: ${firstLine(error)}`);
      const { data } = interaction.safeParse(body);
      if (data === undefined) return;
      const words = answering.words(await people.find(data.user.id));
      await tellPrivately(data.response_url, words.unexpected);
    }
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
  app.event('app_home_opened', ({ event }) => agentView.opened(openedHome.parse(event)));

  app.command('/describe', async ({ command, ack }) => {
    await ack();
    await interact({ ...command, user: { id: command.user_id } }, () =>
      describe.command(slashCommand.parse(command), 'chat'),
    );
  });
  app.command('/alt-text', async ({ command, ack }) => {
    await ack();
    await interact({ ...command, user: { id: command.user_id } }, () =>
      describe.command(slashCommand.parse(command), 'alt-text'),
    );
  });
  app.view(describeModalId, async ({ body, view, ack }) => {
    await ack();
    await describe.submit(body.user.id, view);
  });
  app.shortcut({ type: 'message_action', callback_id: 'describe_image' }, async ({ shortcut, ack }) => {
    await ack();
    await interact(shortcut, () => describe.shortcut(messageShortcut.parse(shortcut), 'chat'));
  });
  app.shortcut({ type: 'message_action', callback_id: 'alt_text' }, async ({ shortcut, ack }) => {
    await ack();
    await interact(shortcut, () => describe.shortcut(messageShortcut.parse(shortcut), 'alt-text'));
  });

  app.action(actionIds.stop, async ({ body, ack }) => {
    await ack();
    await interact(body, () => buttons.stop(buttonPress.parse(body)));
  });
  app.action(actionIds.regenerate, async ({ body, ack }) => {
    await ack();
    await interact(body, () => buttons.regenerate(buttonPress.parse(body)));
  });
  app.action(actionIds.feedback, async ({ body, ack }) => {
    await ack();
    await interact(body, () => buttons.vote(buttonPress.parse(body)));
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
