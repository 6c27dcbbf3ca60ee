import type { Message } from 'discord.js';

import { LinkPreviews } from './link-previews.js';

/** A message that was just written, or some seconds ago, and that reads differently when it is read again. */
function messageSaying(content: string, { secondsAgo = 0, embeds = 0, isGone = false } = {}) {
  const again = { id: '7', embeds: [{}] };
  const message: Message = {
    id: '7',
    content,
    embeds: Array.from({ length: embeds }, () => ({})),
    createdTimestamp: Date.now() - secondsAgo * 1_000,
    fetch: async (anew: boolean) => {
      if (isGone) throw new Error('Unknown Message');
      return anew ? again : message;
    },
  } as unknown as Message;
  return { message, again };
}

const never = new AbortController().signal;

describe('the previews of links on Discord', () => {
  it.each([
    ['without a link', 'Hello.', {}],
    ['with links whose previews its author does not want', 'See <https://example.com/a>', {}],
    ['that has its preview', 'See https://example.com/a', { embeds: 1 }],
  ])('are not waited for in a message %s', async (_what, content, circumstances) => {
    const { message } = messageSaying(content, circumstances);
    expect(await new LinkPreviews().awaitFor(message, never)).toBe(message);
  });

  it('are waited for until the message changes, and read', async () => {
    const previews = new LinkPreviews();
    const { message, again } = messageSaying('See https://example.com/a');
    let isOver = false;
    const read = previews.awaitFor(message, never).finally(() => {
      isOver = true;
    });
    previews.noteChange('8');
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    previews.noteChange('7');
    expect(await read).toBe(again);
  });

  it('are there or not in a message that is older, and in one that somebody no longer asks about', async () => {
    const old = messageSaying('See https://example.com/a', { secondsAgo: 4 });
    expect(await new LinkPreviews().awaitFor(old.message, never)).toBe(old.again);
    const left = messageSaying('See https://example.com/a');
    expect(await new LinkPreviews().awaitFor(left.message, AbortSignal.abort())).toBe(left.again);
  });

  it('are not needed for an answer to a message that is gone', async () => {
    const { message } = messageSaying('https://example.com/a', { secondsAgo: 4, isGone: true });
    expect(await new LinkPreviews().awaitFor(message, never)).toBe(message);
  });
});
