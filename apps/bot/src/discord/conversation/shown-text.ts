import {
  ContainerComponent,
  type Embed,
  EmbedType,
  type Message,
  type MessageSnapshot,
  type Poll,
  SectionComponent,
  TextDisplayComponent,
} from 'discord.js';

import type { Components } from './message-media.js';

/**
 * What a message shows besides its own words, piece by piece: the text of components and of rich embeds, as bots and
 * webhooks make them, a poll, and what it forwards. Controls are not part of what is said, and plain previews of addresses
 * are not read: pages are written by nobody in the conversation.
 */
export function shownTexts(message: Message): string[] {
  const forwarded = [...message.messageSnapshots.values()].flatMap((snapshot) => [
    snapshot.content ?? '',
    ...ownTexts(snapshot),
  ]);
  return [...ownTexts(message), ...forwarded].filter((text) => text !== '');
}

function ownTexts({ components, embeds, poll }: Message | MessageSnapshot): string[] {
  return [...textsIn(components), ...embeds.flatMap(textsOfEmbed), ...(poll ? textsOfPoll(poll) : [])];
}

function textsIn(components: Components): string[] {
  return components.flatMap((component) => {
    if (component instanceof ContainerComponent || component instanceof SectionComponent) {
      return textsIn(component.components);
    }
    return component instanceof TextDisplayComponent ? [component.content] : [];
  });
}

function textsOfEmbed({ data, author, title, description, fields, footer }: Embed): string[] {
  if (data.type !== undefined && data.type !== EmbedType.Rich) return [];
  const inFields = fields.flatMap(({ name, value }) => [name, value]);
  return [author?.name, title, description, ...inFields, footer?.text].flatMap((text) => text || []);
}

function textsOfPoll({ question, answers }: Poll): string[] {
  return [question.text ?? '', ...answers.map(({ text }) => `- ${text ?? ''}`)];
}
