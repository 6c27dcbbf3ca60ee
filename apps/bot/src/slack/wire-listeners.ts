import type { Logger } from '@nestjs/common';
import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Chat, Claims } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import type { ImageFetcher } from '../images/image-fetcher.js';
import { Answering } from './answering.js';
import { BrokenReplies } from './broken-replies.js';
import { ConversationReader } from './conversation-reader.js';
import type { SlackIdentity } from './identity.js';
import { AgentViewListener, openedHome } from './listeners/agent-view.js';
import { ButtonListener, buttonPress } from './listeners/buttons.js';
import { DescribeListener, messageShortcut, slashCommand } from './listeners/describe.js';
import { describeModalId } from './listeners/describe-modal.js';
import { MessageListener } from './listeners/messages.js';
import { MessageImages } from './message-images.js';
import { People } from './people.js';
import { PromptImages } from './prompts.js';
import { Questions } from './questions.js';
import { EditPace } from './replies/edit-pace.js';
import { actionIds } from './replies/reply-blocks.js';
import { RunningReplies } from './replies/running-replies.js';
import { messageQuestionId } from './reply-record.js';
import { postedMessage } from './slack-message.js';
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

const deletion = z.object({
  subtype: z.literal('message_deleted'),
  channel: z.string(),
  deleted_ts: z.string(),
});

/** Connects Slack's events, commands, shortcuts and buttons with what answers them. */
export function wireListeners(app: App, parts: AdapterParts): Answering {
  const { chat, claims, settings, fetcher, logger, botToken, identity } = parts;
  const { client } = app;
  const running = new RunningReplies();
  const tools = { client, pace: new EditPace(() => running.count), running };
  const images = new MessageImages(client, botToken, settings, fetcher, logger);
  const people = new People(client, new UserGroups(client, settings, logger), logger);
  const reader = new ConversationReader(client, identity, images);
  const answering = new Answering(chat, tools, identity.teamId, settings, logger);
  const broken = new BrokenReplies(chat, tools, reader, identity, logger);
  const questions = new Questions(identity, reader, images, broken, settings);
  const messages = new MessageListener(claims, identity, people, reader, questions, answering);
  const promptImages = new PromptImages(identity, reader, images);
  const describe = new DescribeListener(client, people, questions, promptImages, answering, settings);
  const buttons = new ButtonListener(chat, people, reader, questions, answering, broken);
  const agentView = new AgentViewListener(client, people, answering);

  app.event('app_mention', ({ event, context }) =>
    messages.handle(postedMessage.parse(event), { isRetry: isRetry(context.retryNum) }),
  );
  app.event('message', async ({ event, context }) => {
    const deleted = deletion.safeParse(event);
    if (deleted.success)
      await chat.questionDeleted(messageQuestionId(deleted.data.channel, deleted.data.deleted_ts));
    if (event.subtype === 'message_deleted' || event.subtype === 'message_changed') return;
    await messages.handle(postedMessage.parse(event), { isRetry: isRetry(context.retryNum) });
  });
  app.event('app_home_opened', ({ event }) => agentView.opened(openedHome.parse(event)));

  app.command('/describe', async ({ command, ack }) => {
    await ack();
    await describe.command(slashCommand.parse(command), 'chat');
  });
  app.command('/alt-text', async ({ command, ack }) => {
    await ack();
    await describe.command(slashCommand.parse(command), 'alt-text');
  });
  app.view(describeModalId, async ({ body, view, ack }) => {
    await ack();
    await describe.submit(body.user.id, view);
  });
  app.shortcut({ type: 'message_action', callback_id: 'describe_image' }, async ({ shortcut, ack }) => {
    await ack();
    await describe.shortcut(messageShortcut.parse(shortcut), 'chat');
  });
  app.shortcut({ type: 'message_action', callback_id: 'alt_text' }, async ({ shortcut, ack }) => {
    await ack();
    await describe.shortcut(messageShortcut.parse(shortcut), 'alt-text');
  });

  app.action(actionIds.stop, async ({ body, ack }) => {
    await ack();
    await buttons.stop(buttonPress.parse(body));
  });
  app.action(actionIds.regenerate, async ({ body, ack }) => {
    await ack();
    await buttons.regenerate(buttonPress.parse(body));
  });
  app.action(actionIds.feedback, async ({ body, ack }) => {
    await ack();
    await buttons.vote(buttonPress.parse(body));
  });

  app.error(async (error) => logger.error(`Slack: ${error.message}`, error.stack));
  return answering;
}

/** Slack numbers its further attempts to deliver an event; over Socket Mode the first is attempt 0. */
function isRetry(attempt: number | undefined): boolean {
  return attempt !== undefined && attempt > 0;
}
