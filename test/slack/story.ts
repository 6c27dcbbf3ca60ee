import type { Conversation, TranscriptLine } from '../../test-servers/slack/index.js';
import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { type SlackBotInWorkspace, type SlackBotOptions, startSlackBot } from './slack-bot.js';

/** A workspace, the bot, and a model server whose engine says what the test lets it say. */
export interface Story extends SlackBotInWorkspace {
  readonly engine: HeldEngine;
  readonly model: RunningServer;
  /** The bot's only reply in a conversation, as soon as it fits. */
  reply(
    what: string,
    conversation: Conversation,
    fits: (line: TranscriptLine) => boolean,
  ): Promise<TranscriptLine>;
}

export async function startStory(options: Omit<SlackBotOptions, 'modelServer'> = {}): Promise<Story> {
  const engine = new HeldEngine();
  const model = await runServer(() => engine);
  const bot = await startSlackBot({ ...options, modelServer: model.address });
  return {
    ...bot,
    engine,
    model,
    reply: (what, conversation, fits) =>
      bot.workspace.until(what, () => bot.workspace.replies(conversation).findLast(fits)),
    close: async () => {
      await bot.close();
      await model.close();
    },
  };
}

export const isFinished = (line: TranscriptLine): boolean => line.buttons.includes('Try again');
