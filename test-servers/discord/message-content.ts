import type { APIMessage } from 'discord.js';

/**
 * What a bot without the MESSAGE_CONTENT intent gets of a message: empty `content`, `embeds`, `attachments`
 * and `components`, and no `poll`, unless the message is the bot's own, was sent in a direct message with it,
 * or mentions it; a reply that pings counts as a mention when it is to a regular message of the bot, not when it is
 * to its answer to an interaction (Discord docs, Gateway: Message Content Intent; "You might not need a privileged
 * intent"). The target of a message command never
 * comes this way: it is inside the interaction and always whole.
 *
 * The rule is applied to a referenced message on its own, so a question that mentions the bot does not show it
 * the picture in somebody else's message.
 */
export function visibleTo(botId: string, inDirectMessage: boolean, message: APIMessage): APIMessage {
  const referenced = message.referenced_message;
  const seen = referenced
    ? { ...message, referenced_message: visibleTo(botId, inDirectMessage, referenced) }
    : message;
  const isMentioned = message.mentions.some((user) => user.id === botId);
  const onlyPingedByReply = referenced?.webhook_id !== undefined && !message.content.includes(`<@${botId}>`);
  const excepted = inDirectMessage || message.author.id === botId || (isMentioned && !onlyPingedByReply);
  if (excepted) return seen;
  const { poll: _, ...rest } = seen;
  return {
    ...rest,
    content: '',
    embeds: [],
    attachments: [],
    components: [],
    ...(rest.message_snapshots && {
      message_snapshots: rest.message_snapshots.map((snapshot) => ({
        message: { ...snapshot.message, content: '', embeds: [], attachments: [], components: [] },
      })),
    }),
  };
}
