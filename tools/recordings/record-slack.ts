import type { SlackChat } from '../../test/stories/platforms/slack-chat.js';
import type { TranscriptLine } from '../../test-servers/slack/index.js';
import type { RecordedLine, RecordedMessage, Recording } from './recording.js';

/** What a reader of a channel on Slack sees who has opened its thread. */
export function recordSlack(chat: SlackChat, channel: string): Recording {
  const lines = chat.workspace.transcript(chat.conversation(channel));
  return {
    place: `Thread in # ${channel}`,
    messages: lines.filter(({ deleted }) => !deleted).map((line) => recorded(chat, line)),
  };
}

function recorded(chat: SlackChat, line: TranscriptLine): RecordedMessage {
  const { message } = line;
  return {
    author: line.author,
    isBot: message.author === chat.slack.store.bot.id,
    lines: linesOf(line).map(({ kind, text }) => ({ kind, text: withNames(chat, text) })),
    pictures: message.files.map(({ content }) => content),
    buttons: line.buttons,
    edits: line.versions.length - 1,
    onlyVisibleTo: line.onlyFor,
  };
}

function linesOf({ message, text }: TranscriptLine): RecordedLine[] {
  if (message.blocks.length === 0) return [{ kind: 'said', text }];
  return message.blocks.flatMap((block): RecordedLine[] => {
    switch (block.type) {
      case 'markdown':
        return [{ kind: 'said', text: block.text }];
      case 'section':
        return [{ kind: 'said', text: block.text?.text ?? '' }];
      case 'context':
        return block.elements.map((element) => ({
          kind: 'remark',
          text: 'text' in element ? element.text.replaceAll(/[*_]/g, '') : '',
        }));
      default:
        return [];
    }
  });
}

function withNames(chat: SlackChat, text: string): string {
  return text.replace(/<@(\w+)>/g, (_, id) => `@${chat.slack.store.people.get(id)?.name ?? 'unknown'}`);
}
