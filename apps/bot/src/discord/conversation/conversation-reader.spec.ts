import { walkReplyChain } from './conversation-reader.js';

const parents = new Map([
  ['d', 'c'],
  ['c', 'b'],
  ['b', 'a'],
  ['x', 'y'],
  ['y', 'x'],
]);
const parentOf = async ({ id }: { id: string }) => {
  const parent = parents.get(id);
  return parent === undefined ? undefined : { id: parent };
};
const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id);

describe('walking a reply chain', () => {
  it('finds the conversation, oldest first', async () => {
    const { messages, truncated } = await walkReplyChain({ id: 'd' }, parentOf, 25);
    expect(ids(messages)).toEqual(['a', 'b', 'c', 'd']);
    expect(truncated).toBe(false);
  });

  it('reads no more than the limit, and says so', async () => {
    const { messages, truncated } = await walkReplyChain({ id: 'd' }, parentOf, 2);
    expect(ids(messages)).toEqual(['c', 'd']);
    expect(truncated).toBe(true);
  });

  it('ends in a circle', async () => {
    const { messages, truncated } = await walkReplyChain({ id: 'x' }, parentOf, 25);
    expect(ids(messages)).toEqual(['y', 'x']);
    expect(truncated).toBe(false);
  });
});
