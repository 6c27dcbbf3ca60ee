import { eventually } from '../support/eventually.js';
import { scenes } from './scenes.js';
import { isFinished, type Story, startStory } from './story.js';

describe('a conversation', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(() => story.close());

  const lastPrompt = () =>
    (story.engine.requests.at(-1)?.segments ?? []).map((segment) =>
      segment.kind === 'text' ? segment.text : '[image]',
    );
  const say = (...pieces: string[]) => {
    story.engine.say(...pieces);
    story.engine.end();
  };

  it('is the thread: earlier questions, answers and pictures come along, buttons and notes do not', async () => {
    const { workspace, ada, ben } = story;
    const channel = workspace.channel('thread', [ada, ben]);
    const question = await ada.mention(channel, { text: 'What is this?', files: [scenes.bat] });
    say('It is a bat.');
    await story.reply('an answer', channel, isFinished);
    await ben.post(channel, { text: 'Does it fly?', thread: question });
    await ada.mention(channel, { text: 'How big is it?', thread: question });
    say('It is large.');
    await story.reply('the next answer', channel, (line) => isFinished(line) && line.text === 'It is large.');

    const prompt = lastPrompt().join('');
    expect(prompt.match(/\[image\]/g)).toHaveLength(1);
    expect(prompt).toMatch(/What is this\?[\s\S]*It is a bat\.[\s\S]*Does it fly\?[\s\S]*How big is it\?/);
    expect(prompt).not.toMatch(/Try again|Looking|<@/);
  });

  it('needs no mention in a thread between one person and the bot', async () => {
    const { workspace, ada, ben } = story;
    const channel = workspace.channel('between two', [ada, ben]);
    const question = await ada.mention(channel, { text: 'hello' });
    say('Hello.');
    await story.reply('an answer', channel, isFinished);
    await ada.post(channel, { text: 'and you?', thread: question });
    say('Fine.');
    await story.reply('an answer', channel, (line) => isFinished(line) && line.text === 'Fine.');

    await ben.post(channel, { text: 'I am here too', thread: question });
    await ada.post(channel, { text: 'hi Ben', thread: question });
    const asked = story.engine.requests.length;
    await ada.mention(channel, { text: 'still there?', thread: question });
    say('Yes.');
    await story.reply('an answer', channel, (line) => isFinished(line) && line.text === 'Yes.');
    expect(story.engine.requests.length).toBe(asked + 1);
  });

  it('is not started by messages that do not name the bot', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('quiet', [ada]);
    await ada.post(channel, { text: 'just talking', files: [scenes.bat] });
    await ada.mention(channel, { text: 'hello' });
    say('Hello.');
    await story.reply('an answer', channel, isFinished);
    expect(workspace.replies(channel)).toHaveLength(1);
  });

  it('ends for the model when its question is deleted', async () => {
    const { workspace, ada, engine } = story;
    const channel = workspace.channel('deleted', [ada]);
    const before = engine.cancelled;
    const question = await ada.mention(channel, { text: 'hello' });
    engine.say('It is ');
    await story.reply('the first words', channel, (line) => line.text.includes('It is'));
    await ada.deleteMessage(question);
    await eventually(() => engine.cancelled === before + 1);
  });

  it('in direct messages finds the latest picture by itself', async () => {
    const { workspace } = story;
    const dora = workspace.user('Dora');
    await dora.directMessage({ text: 'look', files: [scenes.oyster] });
    say('An oyster.');
    await story.reply('an answer', dora.directMessages, isFinished);
    await dora.directMessage({ text: 'What is it?' });
    say('An oyster, still.');
    await story.reply(
      'an answer',
      dora.directMessages,
      (line) => isFinished(line) && line.text.includes('still'),
    );
    expect(lastPrompt()).toContain('[image]');
  });
});
