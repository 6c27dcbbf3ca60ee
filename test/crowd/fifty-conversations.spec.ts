import { type Engine, startEngine } from '#libs/engine';

import { isFinished, type Messenger } from '../stories/chat-platform.js';
import { bat, oyster, unique } from '../stories/pictures.js';
import { DiscordChat } from '../stories/platforms/discord-chat.js';
import { SlackChat } from '../stories/platforms/slack-chat.js';
import { StoryServer } from '../stories/story-server.js';
import { eventually } from '../support/eventually.js';

const nano = new URL('../../models/nano', import.meta.url).pathname;
const conversations = 50;
/** After the first, what caches hold is there. */
const rounds = 2;
/** Far less than the pictures of one round, and more than the messages that the SDKs keep. */
const mostGrowth = 3 * 2 ** 20;

const platforms = [
  { name: 'Discord', open: DiscordChat.open },
  { name: 'Slack', open: SlackChat.open },
];

/** The bot in a process of its own, on the embedded model, round after round of fifty questions at the same time. */
describe.each(platforms)('fifty conversations at once on $name', ({ open }) => {
  let engine: Engine;
  let server: StoryServer;
  let chat: Messenger;

  beforeAll(async () => {
    engine = await startEngine({ modelPath: nano, device: 'cpu', queueLimit: 200 });
    server = await StoryServer.start(engine);
    chat = await open({ modelServer: server.address, asProcess: true });
  });

  afterAll(async () => {
    await chat?.close();
    await server?.close();
  });

  /** Asks in all channels at once; what was said in each, when nothing is missing. */
  async function round(number: number): Promise<void> {
    const asked = Array.from({ length: conversations }, (_, index) => ({
      channel: `channel ${index}`,
      picture: index % 2 === 0 ? bat : oyster,
    }));
    await Promise.all(
      asked.map(({ channel, picture }) =>
        chat.ask('What is this?', { in: channel, pictures: [unique(picture)] }),
      ),
    );
    const finished = (channel: string) => chat.repliesIn(channel).filter(isFinished);
    await eventually(() => asked.every(({ channel }) => finished(channel).length >= number));
    for (const { channel, picture } of asked) {
      const expected = picture === bat ? 'It is a bat.' : 'It is an oyster.';
      expect(chat.repliesIn(channel).map(({ text }) => text)).toEqual(Array(number).fill(expected));
    }
    chat.passMinute();
  }

  it('lose no answer, double none, mix none up, stay within the limits, and leave no memory behind', async () => {
    await round(1);
    const before = await chat.memory();
    for (let number = 2; number <= rounds; number++) await round(number);
    const growth = (await chat.memory()) - before;
    expect(chat.breaches()).toEqual([]);
    expect(growth).toBeLessThan(mostGrowth);
  });
});
