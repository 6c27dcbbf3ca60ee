import type { Config } from '../support/running-bot.js';
import type { ChatPlatform, Messenger } from './chat-platform.js';
import type { DirectedModel } from './directed-model.js';
import type { DiscordChat } from './platforms/discord-chat.js';
import type { SlackChat } from './platforms/slack-chat.js';
import type { WebChat } from './platforms/web-chat.js';
import type { StoryServer } from './story-server.js';

/** What a story happens with: a platform, the bot and the embedded model, for this story alone. */
export interface Scene<Chat extends ChatPlatform> {
  readonly chat: Chat;
  readonly model: DirectedModel;
  readonly server: StoryServer;
}

interface Told<Where extends string, Chat extends ChatPlatform> {
  /** What it shows, as a sentence. */
  readonly title: string;
  /** Where it happens. */
  readonly on: Where;
  /** What the operator wrote into bot.config.yaml. */
  readonly config?: Config;
  /** Run the bot as a process of its own, so that it can be killed. */
  readonly asProcess?: boolean;
  tell(scene: Scene<Chat>): Promise<void>;
}

/** One thing that people can do with the bot, and what comes of it. */
export type Story =
  | Told<'everywhere', ChatPlatform>
  | Told<'messengers', Messenger>
  | Told<'discord', DiscordChat>
  | Told<'slack', SlackChat>
  | Told<'web', WebChat>;
