import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { WebClient } from '@slack/web-api';

import type { Settings } from '../config/settings.js';
import { Closing } from '../contract/index.js';
import { SlackAdapter } from './connection/adapter.js';
import { clientOptions, readConnection, SLACK_CONNECTION } from './connection/connection.js';
import { SlackEvents } from './connection/events.js';
import { ConversationReader } from './conversation/conversation-reader.js';
import { CustomEmoji } from './conversation/custom-emoji.js';
import { SlackIdentity } from './conversation/identity.js';
import { InterruptedAnswers } from './conversation/interrupted-answers.js';
import { LinkPreviews } from './conversation/link-previews.js';
import { MessageImages } from './conversation/message-images.js';
import { NameDirectory } from './conversation/names.js';
import { People } from './conversation/people.js';
import { PromptImages } from './conversation/prompts.js';
import { Questions } from './conversation/questions.js';
import { UnreadableItems } from './conversation/slack-message.js';
import { UserGroups } from './conversation/user-groups.js';
import { AgentViewListener } from './listeners/agent-view.js';
import { Answers } from './listeners/answers.js';
import { ButtonListener } from './listeners/buttons.js';
import { DescribeListener } from './listeners/describe.js';
import { MessageListener } from './listeners/messages.js';
import { EditPace } from './reply/edit-pace.js';
import { ReplyTools } from './reply/reply-context.js';
import { RunningReplies } from './reply/running-replies.js';

const logger = new Logger('Slack');

const parts = [
  AgentViewListener,
  Answers,
  ButtonListener,
  Closing,
  ConversationReader,
  CustomEmoji,
  DescribeListener,
  EditPace,
  InterruptedAnswers,
  LinkPreviews,
  MessageImages,
  MessageListener,
  NameDirectory,
  People,
  PromptImages,
  Questions,
  ReplyTools,
  RunningReplies,
  SlackAdapter,
  SlackEvents,
  SlackIdentity,
  UnreadableItems,
  UserGroups,
];

/** Slack; off without tokens. Needs what `ChatModule` exports. */
@Module({})
export class SlackModule {
  /** @throws CodedError `start-up` when only some of the tokens are set */
  static forRoot({ environment }: Settings): DynamicModule {
    const connection = readConnection(environment);
    if (connection === undefined) return { module: SlackModule };
    const client = new WebClient(connection.botToken, clientOptions(environment.SLACK_API_URL, logger));
    return {
      module: SlackModule,
      providers: [
        { provide: Logger, useValue: logger },
        { provide: SLACK_CONNECTION, useValue: connection },
        { provide: WebClient, useValue: client },
        ...parts,
      ],
    };
  }
}
