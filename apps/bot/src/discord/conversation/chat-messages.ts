import { ActionRow, type Message, MessageType } from 'discord.js';

import type { ChatMessage, ImageOrigin, ImageReference } from '../../contract/index.js';
import { withoutImageLinks } from '../../images/image-links.js';
import { type Control, parseContent, parseControl } from '../reply/reply-format.js';
import { namesIn, readableText } from './incoming-text.js';
import type { MessageImages } from './message-images.js';
import { withoutCustomEmoji } from './message-media.js';
import { localeOf } from './people.js';
import { shownTexts } from './shown-text.js';

/** What one message of Discord says in the conversation: nothing, one message, or a command and its answer. */
export function toChatMessages(
  message: Message,
  images: MessageImages,
  origin: ImageOrigin = 'attachment',
): readonly ChatMessage[] {
  if (message.author.id === message.client.user.id) return botMessages(message, images);
  if (!isConversation(message) || isUnreadable(message)) return [];
  const found = images.find(message, origin);
  return [
    {
      id: message.id,
      author: { kind: 'user', id: message.author.id },
      text: textOf(message, found),
      images: found,
      warnings: [],
    },
  ];
}

/** The bot's answer, and before it the question when that was a command, which only the answer shows. */
function botMessages(message: Message, images: MessageImages): ChatMessage[] {
  const { question, text } = parseContent(message.content);
  const answer: ChatMessage = {
    id: message.id,
    author: { kind: 'bot' },
    text,
    images: [],
    warnings: [],
    ...(isUnfinished(message) && { unfinished: true }),
    ...(text === '' && { notice: true }),
  };
  const asker = message.interactionMetadata?.user;
  if (!asker) return [answer];
  const asked: ChatMessage = {
    id: `${message.id}.question`,
    author: { kind: 'user', id: asker.id },
    text: question,
    images: images.find(message),
    warnings: [],
  };
  return [asked, answer];
}

/** The controls below one of the bot's messages. */
function controlsOf(message: Message): readonly Control[] {
  return message.components
    .flatMap((row) => (row instanceof ActionRow ? row.components : []))
    .flatMap(({ customId }) => parseControl(customId) ?? []);
}

/** The control that says an answer is being written, whether or not anybody still does. */
export function stopControlOf(message: Message): Control | undefined {
  return controlsOf(message).find(({ action }) => action === 'stop');
}

/** Finished answers can be voted on; stopped and failed ones can only be tried again. */
function isUnfinished(message: Message): boolean {
  const actions = controlsOf(message).map(({ action }) => action);
  return actions.length > 0 && !actions.includes('feedback-up');
}

export function isSaidByPeople(message: Message): boolean {
  return message.type === MessageType.Default || message.type === MessageType.Reply;
}

/** Also what other bots answered to commands: their pictures are asked about. */
function isConversation(message: Message): boolean {
  return (
    isSaidByPeople(message) ||
    message.type === MessageType.ChatInputCommand ||
    message.type === MessageType.ContextMenuCommand
  );
}

/** Without the message-content intent, messages that do not mention the bot arrive empty. */
export function isUnreadable(message: Message): boolean {
  return isEmpty(message) && [...message.messageSnapshots.values()].every(isEmpty);
}

function isEmpty(
  message: Pick<Message, 'content' | 'attachments' | 'embeds' | 'components' | 'stickers' | 'poll'>,
): boolean {
  return (
    !message.content &&
    !message.poll &&
    message.attachments.size === 0 &&
    message.embeds.length === 0 &&
    message.components.length === 0 &&
    message.stickers.size === 0
  );
}

/** What a person reads in a message, without the mention that is meant for the bot. */
function textOf(message: Message, images: readonly ImageReference[]): string {
  const mention = new RegExp(`(?:${mentionsOfBot(message).join('|')})[^\\S\\n]*`, 'g');
  const written = [message.content.replaceAll(mention, ''), ...shownTexts(message)];
  const text = written.filter((part) => part !== '').join('\n');
  // The model must not guess from the names of what it looks at.
  const showsEmoji = images.some(({ name }) => /^:\w+:$/.test(name));
  const shown = withoutImageLinks(showsEmoji ? withoutCustomEmoji(text) : text);
  return readableText(shown, namesIn(message), localeOf(message));
}

/** The ways to mention the bot: itself, and the role that Discord made for it in a server. */
export function mentionsOfBot({ client, guild }: Message): string[] {
  const role = guild?.members.me?.roles.botRole;
  return [`<@!?${client.user.id}>`, ...(role ? [`<@&${role.id}>`] : [])];
}
