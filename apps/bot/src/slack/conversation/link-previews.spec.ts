import { LinkPreviews } from './link-previews.js';
import { type SlackMessage, slackMessage } from './slack-message.js';

const never = new AbortController().signal;
const sentBefore = (ms: number, content: object = {}) =>
  slackMessage.parse({
    ts: ((Date.now() - ms) / 1_000).toFixed(6),
    text: '<https://a.example/page>',
    ...content,
  });

function previews(read: SlackMessage | undefined) {
  const calls: unknown[][] = [];
  const readMessage = async (...place: unknown[]) => {
    calls.push(place);
    return read;
  };
  const reader = { readMessage };
  return { calls, links: new LinkPreviews(reader as never) };
}

describe('the preview of a link', () => {
  const changed = slackMessage.parse({ ts: '1.0', text: 'with its preview' });

  it('is there once Slack has told that the message changed', async () => {
    const { links, calls } = previews(changed);
    const message = sentBefore(0, { thread_ts: '0.5' });
    const awaited = links.awaitFor('C1', message, never);
    links.noteChange('C1', message.ts);
    await expect(awaited).resolves.toBe(changed);
    expect(calls).toEqual([['C1', message.ts, '0.5']]);
  });

  it('is looked for once when no change was told in time', async () => {
    const { links } = previews(changed);
    const start = performance.now();
    await expect(links.awaitFor('C1', sentBefore(2_500), never)).resolves.toBe(changed);
    expect(performance.now() - start).toBeGreaterThan(100);
  });

  it('is none where the message is gone', async () => {
    const message = sentBefore(2_500);
    await expect(previews(undefined).links.awaitFor('C1', message, never)).resolves.toBe(message);
  });

  it.each([
    ['for a message of four seconds ago', sentBefore(4_000)],
    ['without a link', sentBefore(0, { text: 'hello' })],
    ['where a picture stands', sentBefore(0, { files: [{ id: 'F1' }] })],
  ])('is not waited for %s', async (_where, message) => {
    const { links, calls } = previews(changed);
    await expect(links.awaitFor('C1', message, never)).resolves.toBe(message);
    expect(calls).toEqual([]);
  });
});
