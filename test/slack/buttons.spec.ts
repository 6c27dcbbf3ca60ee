import { isFinished, type Story, startStory } from './story.js';

describe('the buttons below an answer', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(() => story.close());

  it('let the asker stop it, which cancels the model', async () => {
    const { workspace, ada, engine } = story;
    const channel = workspace.channel('stop', [ada]);
    const before = engine.cancelled;
    await ada.mention(channel, { text: 'hello' });
    engine.say('It is ');
    const growing = await story.reply('the first words', channel, (line) => line.text.includes('It is'));
    await ada.press(growing.message, 'Stop');
    const stopped = await story.reply('the end', channel, isFinished);
    expect(stopped.text).toContain('Stopped.');
    expect(stopped.text).toContain('It is');
    expect(engine.cancelled).toBe(before + 1);
  });

  it('are not for others, but for moderators', async () => {
    const { workspace, ada, ben, engine } = story;
    const mo = workspace.user('Mo', { isAdmin: true });
    const channel = workspace.channel('others', [ada, ben, mo]);
    await ada.mention(channel, { text: 'hello' });
    engine.say('It is ');
    const growing = await story.reply('the first words', channel, (line) => line.text.includes('It is'));
    await ben.press(growing.message, 'Stop');
    const refusal = await story.reply('a refusal', channel, (line) => line.onlyFor === 'Ben');
    expect(refusal.text).toBe('Only the person who asked and moderators can do that.');
    await mo.press(growing.message, 'Stop');
    const stopped = await story.reply('the end', channel, isFinished);
    expect(stopped.text).toContain('Stopped.');
  });

  it('give another answer in the same place', async () => {
    const { workspace, ada, engine } = story;
    const channel = workspace.channel('another', [ada]);
    await ada.mention(channel, { text: 'hello' });
    engine.say('First.');
    engine.end();
    const first = await story.reply('the first answer', channel, isFinished);
    await ada.press(first.message, 'Try again');
    await story.reply('a new beginning', channel, (line) => line.buttons.includes('Stop'));
    engine.say('Second.');
    engine.end();
    const second = await story.reply('the second answer', channel, isFinished);
    expect(second.text).toBe('Second.');
    expect(second.message.ts).toBe(first.message.ts);
    expect(workspace.replies(channel)).toHaveLength(1);
    expect(engine.requests.at(-1)?.sampling?.temperature).toBeGreaterThan(0);
  });

  it('count votes', async () => {
    const { workspace, ada, engine } = story;
    const channel = workspace.channel('votes', [ada]);
    await ada.mention(channel, { text: 'hello' });
    engine.say('Hello.');
    engine.end();
    const answer = await story.reply('the answer', channel, isFinished);
    await ada.press(answer.message, 'Good answer');
    const thanks = await story.reply('thanks', channel, (line) => line.onlyFor === 'Ada');
    expect(thanks.text).toBe('Thank you');
  });
});
