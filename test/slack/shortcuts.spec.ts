import { scenes } from './scenes.js';
import { isFinished, type Story, startStory } from './story.js';

describe('the menu of a message', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(() => story.close());

  const say = (...pieces: string[]) => {
    story.engine.say(...pieces);
    story.engine.end();
  };

  it('"Describe this image" answers in the thread of the message', async () => {
    const { workspace, ada, ben } = story;
    const channel = workspace.channel('describe', [ada, ben]);
    const message = await ben.post(channel, { text: 'look', files: [scenes.bat] });
    await ada.shortcut(message, 'Describe this image');
    say('It is a bat.');
    const answer = await story.reply('an answer', channel, isFinished);
    expect(answer.text).toBe(`<@${ada.id}> asked what this shows.\nIt is a bat.`);
    expect(answer.message.threadTs).toBe(message.ts);
  });

  it('"Describe this image" can be answered again in the same place', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('again', [ada]);
    const message = await ada.post(channel, { text: 'look', files: [scenes.bat] });
    await ada.shortcut(message, 'Describe this image');
    say('First.');
    const first = await story.reply('an answer', channel, isFinished);
    await ada.press(first.message, 'Try again');
    await story.reply('a new beginning', channel, (line) => line.buttons.includes('Stop'));
    say('Second.');
    const second = await story.reply('an answer', channel, isFinished);
    expect(second.text).toBe(`<@${ada.id}> asked what this shows.\nSecond.`);
    expect(workspace.replies(channel)).toHaveLength(1);
  });

  it('"Alt text" answers the presser alone', async () => {
    const { workspace, ada, ben } = story;
    const channel = workspace.channel('alt text', [ada, ben]);
    const message = await ben.post(channel, { text: 'look', files: [scenes.bat] });
    await ada.shortcut(message, 'Alt text');
    say('A bat.');
    const answer = await story.reply('an answer', channel, (line) => line.text.includes('A bat.'));
    expect(answer.onlyFor).toBe('Ada');
  });

  it('says so when the message has no picture', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('none', [ada]);
    const message = await ada.post(channel, { text: 'no picture here' });
    await ada.shortcut(message, 'Describe this image');
    const answer = await story.reply('an answer', channel, (line) => line.onlyFor === 'Ada');
    expect(answer.text).toBe('I found no picture here. Please attach one.');
  });
});
