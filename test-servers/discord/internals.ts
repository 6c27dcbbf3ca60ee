import type { APIMessage } from 'discord.js';
import type { Cdn } from './cdn.js';
import type { Interactions } from './interactions.js';
import type { MessageBoard } from './message-board.js';
import type { Renderer } from './rendering.js';
import type { Channel, Message, State } from './state.js';

/** What the routes and the people of the server need of it. */
export interface Internals {
  readonly state: State;
  readonly board: MessageBoard;
  readonly renderer: Renderer;
  readonly interactions: Interactions;
  readonly cdn: Cdn;
  readonly gatewayUrl: string;
  readonly recommendedShards: number;
  /** The message as the REST API gives it to the bot. */
  messageForRest(message: Message): APIMessage;
  openThread(message: Message, name: string, ownerId: string): Channel;
  typed(userId: string, channel: Channel): void;
}
