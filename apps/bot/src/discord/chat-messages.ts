import { ActionRow, cleanContent, type Message, MessageType } from 'discord.js';

import type { ChatMessage, ImageOrigin } from '../chat/index.js';
import { withoutImageLinks } from '../images/image-links.js';
import type { MessageImages } from './message-images.js';
import { type Control, parseContent, parseControl } from './reply-format.js';

/** What one message of Discord says in the conversation: nothing, one message, or a command and its answer. */
export function toChatMessages(
  message: Message,
  images: MessageImages,
  origin: ImageOrigin = 'attachment',
): readonly ChatMessage[] {
  if (message.author.id === message.client.user.id) return botMessages(message, images);
  if (!isSaidByPeople(message) || isUnreadable(message)) return [];
  return [
    {
      id: message.id,
      author: { kind: 'user', id: message.author.id },
      text: textWithoutMention(message),
      images: images.of(message, origin),
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
    images: images.of(message),
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

/** Without the message-content intent, messages that do not mention the bot arrive empty. */
export function isUnreadable(message: Message): boolean {
  return (
    message.content === '' &&
    message.attachments.size === 0 &&
    message.embeds.length === 0 &&
    message.stickers.size === 0 &&
    [...message.messageSnapshots.values()].every(
      ({ content, attachments, embeds }) => content === '' && attachments.size === 0 && embeds.length === 0,
    )
  );
}

function textWithoutMention(message: Message): string {
  const mention = new RegExp(`<@!?${message.client.user.id}>`, 'g');
  return withoutImageLinks(cleanContent(message.content.replaceAll(mention, ''), message.channel));
}
