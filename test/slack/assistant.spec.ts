import { isFinished, type Story, startStory } from './story.js';

describe('the assistant view', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(() => story.close());

  it('greets, suggests what to ask, and answers in its thread', async () => {
    const { slack, workspace, ada, engine } = story;
    const root = await ada.openAssistant();
    const thread = await workspace.until('suggestions', () => {
      const found = slack.assistantThreads.get(`${root.channel} ${root.ts}`);
      return found !== undefined && found.suggestedPrompts.length > 0 && found;
    });
    expect(thread.suggestedPrompts.map(({ title }) => title)).toContain('Describe my latest picture');

    await ada.directMessage({ text: 'hello', thread: root });
    engine.say('Hello.');
    engine.end();
    const answer = await story.reply('an answer', ada.directMessages, isFinished);
    expect(answer.message.threadTs).toBe(root.ts);
    const prompt = engine.requests
      .at(-1)
      ?.segments.map((segment) => ('text' in segment ? segment.text : ''))
      .join('');
    expect(prompt).not.toContain('New Assistant Thread');
    expect(prompt).not.toContain('Send me a picture');
  });
});
