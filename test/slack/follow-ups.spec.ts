import { isFinished, type Story, startStory } from './story.js';

describe('a follow-up on Slack that is asked while the answer before it is being written', () => {
  let story: Story;
  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(() => story.close());

  it('is asked with the whole answer, also when that stands below it', async () => {
    const { workspace, ada, engine } = story;
    const channel = workspace.channel('follow-up', [ada]);
    const first = await ada.mention(channel, { text: 'What is this?' });
    await ada.mention(channel, { text: 'What colour?', thread: first });
    await workspace.until('the bot to take both up', () => workspace.replies(channel).length === 2);
    engine.say('It is a bat.');
    engine.end();
    await story.reply(
      'the first answer',
      channel,
      (line) => line.text.startsWith('It is a bat.') && isFinished(line),
    );
    engine.say('Black.');
    engine.end();
    await story.reply(
      'the second answer',
      channel,
      (line) => line.text.startsWith('Black.') && isFinished(line),
    );
    const prompt = engine.requests
      .at(-1)
      ?.segments.map((segment) => (segment.kind === 'text' ? segment.text : ''))
      .join('');
    expect(prompt).toMatch(
      /Human: What is this\?###Assistant: It is a bat\.###Human: What colour\?###Assistant: $/,
    );
  });
});
