import type { Chat } from './chat.js';
import { element } from './elements.js';
import { words } from './settings.js';

/** Saves a chat as a Markdown file. Pictures stand by their names. */
export function exportChat(chat: Chat): void {
  const said = chat.messages.map((message) =>
    [
      `**${message.author === 'user' ? words.you : words.bot}**`,
      ...message.images.map(({ name }) => `*${name}*`),
      ...(message.text ? [message.text] : []),
      ...(message.author === 'bot' ? message.notes.map((note) => `> ${note}`) : []),
    ].join('\n\n'),
  );
  const file = new Blob([`# ${chat.title}\n\n${said.join('\n\n')}\n`], { type: 'text/markdown' });
  const href = URL.createObjectURL(file);
  element('a', {
    href,
    download: `${chat.title.replace(/[^\p{L}\p{N} -]/gu, '').trim() || 'chat'}.md`,
  }).click();
  URL.revokeObjectURL(href);
}
