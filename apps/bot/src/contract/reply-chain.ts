/** A chain of messages, oldest first. */
export interface ReplyChain<Message> {
  readonly messages: readonly Message[];
  /** True when older messages exist that were not read. */
  readonly truncated: boolean;
}

/**
 * Walks from a message to the one it replies to, and on, until there is none or `limit` messages were read.
 * A parent that cannot be read ends the chain: deleted messages must not keep a conversation from going on.
 */
export async function walkReplyChain<Message extends { readonly id: string }>(
  newest: Message,
  parentOf: (message: Message) => Promise<Message | undefined>,
  limit: number,
): Promise<ReplyChain<Message>> {
  const messages = [newest];
  const seen = new Set([newest.id]);
  let parent = await parentOf(newest);
  while (parent && !seen.has(parent.id) && messages.length < limit) {
    seen.add(parent.id);
    messages.unshift(parent);
    parent = await parentOf(parent);
  }
  return { messages, truncated: parent !== undefined && !seen.has(parent.id) };
}
