import type { Chat } from './chat.js';

/**
 * One chat as two tabs know it: the messages of both, in the order they were begun; of a message that both have, the one
 * that changed last; none that either has removed.
 */
export function merged(stored: Chat | undefined, own: Chat): Chat {
  if (!stored) return own;
  const removed = [...new Set([...stored.removed, ...own.removed])];
  const byId = new Map(stored.messages.map((message) => [message.id, message]));
  for (const message of own.messages) {
    const other = byId.get(message.id);
    if (!other || other.changed <= message.changed) byId.set(message.id, message);
  }
  const messages = [...byId.values()]
    .filter(({ id }) => !removed.includes(id))
    .sort((a, b) => a.begun - b.begun);
  const { title } = stored.renamed > own.renamed ? stored : own;
  const renamed = Math.max(stored.renamed, own.renamed);
  return { ...own, title, renamed, updated: Math.max(stored.updated, own.updated), removed, messages };
}
