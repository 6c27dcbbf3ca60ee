import type { WebClient } from '@slack/web-api';

import { CustomEmoji } from './custom-emoji.js';
import { slackMessage } from './slack-message.js';

const bat = 'https://emoji.slack-edge.com/bat.png';
const cat = 'https://emoji.slack-edge.com/cat.gif';

/** The emoji of a workspace that lists these, and how often it was asked. */
function emojiOf(list: () => Promise<unknown>) {
  const counted = { lists: 0, lines: [] as string[] };
  const count = () => {
    counted.lists++;
    return list();
  };
  const client = { emoji: { list: count } } as unknown as WebClient;
  const logger = { warn: (line: string) => counted.lines.push(line) } as never;
  const emoji = new CustomEmoji(client, logger);
  return { counted, seenIn: (text: string) => emoji.find(slackMessage.parse({ ts: '1.0', text })) };
}

const workspace = {
  bat,
  cat,
  flying: 'alias:bat',
  a1: 'alias:a2',
  a2: 'alias:a3',
  a3: 'alias:a4',
  a4: 'alias:bat',
  b0: 'alias:a1',
  round: 'alias:round',
  broken: 'nothing',
  odd: 7,
};

describe("the workspace's own emoji", () => {
  it.each([
    ['alone', ':bat:', [bat]],
    ['beside a mention', '<@U1> :bat: :cat:', [bat, cat]],
    ['asked about', 'What is :cat: about?', [cat]],
    ['asked about in Chinese', ':cat: 是什么？', [cat]],
    ['twice', ':bat: :bat: :flying:', [bat]],
    ['by an alias of an alias', ':a1:', [bat]],
    ['in passing', 'Good morning :bat:', []],
    ['by too many aliases', ':b0:', []],
    ['by an alias of itself', ':round:', []],
    ['without an address', ':broken: :odd: :unknown:', []],
    ['that are none', 'At 10:30 <https://example.com/a:b:c>?', []],
  ])('%s are seen as far as they are pictures', async (_how, text, addresses) => {
    const { seenIn } = emojiOf(async () => ({ emoji: workspace }));
    expect(await seenIn(text)).toEqual(addresses);
  });

  it('are listed once for many messages, and not for those without', async () => {
    const { counted, seenIn } = emojiOf(async () => ({ emoji: workspace }));
    await seenIn('Hello.');
    expect(counted.lists).toBe(0);
    for (let message = 0; message < 3; message++) await seenIn(':bat:');
    expect(counted.lists).toBe(1);
  });

  it('are not seen where Slack does not list them, which the log says', async () => {
    const { counted, seenIn } = emojiOf(async () => ({ emoji: 'none' }));
    expect(await seenIn(':bat:')).toEqual([]);
    expect(counted.lines).toEqual([expect.stringMatching(/did not list [\s\S]*emoji:read/)]);
  });
});
