import type { DiscordChat } from '../../test/stories/platforms/discord-chat.js';
import type { ShownMessage } from '../../test-servers/discord/index.js';
import type { RecordedLine, RecordedMessage, Recording } from './recording.js';

/** What a reader of a channel on Discord sees. */
export function recordDiscord(chat: DiscordChat, channel: string): Recording {
  const shown = chat.discord.transcript(chat.channel(channel));
  return { place: `# ${channel}`, messages: shown.map((message) => recorded(chat, message, shown)) };
}

function recorded(chat: DiscordChat, message: ShownMessage, all: readonly ShownMessage[]): RecordedMessage {
  const { state } = chat.discord;
  const kept = state.messages.get(message.id);
  const original = all.find(({ id }) => id === message.repliesTo);
  const interaction = state.interactions.get(kept?.interactionId ?? '');
  const user = interaction && state.users.get(interaction.userId)?.username;
  return {
    author: message.author,
    isBot: message.author === state.botUser.username,
    above: original
      ? `${original.author}  ${withNames(chat, original.content).replaceAll('\n', ' ')}`
      : user && `${user} used ${interaction.command}`,
    lines: message.content.split('\n').map((line) => lineOf(chat, line)),
    pictures: (kept?.attachments ?? []).map(({ bytes }) => bytes),
    buttons: message.buttons.map(({ label }) => label),
    edits: message.history.length - 1,
    onlyVisibleTo: message.visibleOnlyTo,
  };
}

/** "-# " makes small text (Discord's markdown); an invisible character begins the bot's own lines. */
function lineOf(chat: DiscordChat, line: string): RecordedLine {
  const text = withNames(chat, line.replaceAll('\u200b', ''));
  return text.startsWith('-# ') ? { kind: 'remark', text: text.slice(3) } : { kind: 'said', text };
}

function withNames(chat: DiscordChat, text: string): string {
  return text.replace(/<@(\d+)>/g, (_, id) => `@${chat.discord.state.users.get(id)?.username ?? 'unknown'}`);
}
