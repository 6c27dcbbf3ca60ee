import { eventually } from '../support/eventually.js';
import { isFinished, type Story, startStory } from './story.js';

describe('a direct message', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
  });
  afterAll(() => story.close());

  it("is answered with Slack's own streaming, in the message's thread, with a status before the first word", async () => {
    const { slack, ada, engine } = story;
    const question = await ada.directMessage({ text: 'hello' });
    const header = await story.workspace.until('a status', () =>
      slack.assistantThreads.get(`${question.channel} ${question.ts}`),
    );
    expect(header.statuses[0]).toBe('Looking…');

    engine.say('It is ');
    const begun = await story.reply('the first words', ada.directMessages, (line) => line.text === 'It is ');
    expect(begun.message.stream?.state).toBe('streaming');
    expect(begun.message.threadTs).toBe(question.ts);
    engine.say('a bat.');
    engine.end();
    const done = await story.reply('the end', ada.directMessages, isFinished);
    expect(done.text).toBe('It is a bat.');
    expect(done.message.stream?.state).toBe('finished');
    expect(done.buttons).toEqual(['Try again', 'Good answer', 'Bad answer']);
    expect(slack.api.calls.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it('goes on as an edited message when Slack ended the stream', async () => {
    const { ben, engine } = story;
    await ben.directMessage({ text: 'hello' });
    engine.say('It is ');
    const begun = await story.reply('the first words', ben.directMessages, (line) => line.text === 'It is ');
    if (begun.message.stream !== undefined) begun.message.stream.state = 'finished';
    engine.say('a bat.');
    engine.end();
    const done = await story.reply('the end', ben.directMessages, isFinished);
    expect(done.text).toBe('It is a bat.');
    expect(done.message.ts).toBe(begun.message.ts);
    expect(story.workspace.replies(ben.directMessages)).toHaveLength(1);
  });

  it("cancels the model when the reader presses Slack's own stop", async () => {
    const { workspace, engine } = story;
    const carl = workspace.user('Carl');
    const before = engine.cancelled;
    await carl.directMessage({ text: 'hello' });
    engine.say('It is ');
    const begun = await story.reply('the first words', carl.directMessages, (line) => line.text === 'It is ');
    carl.stopStream(begun.message);
    engine.say('a bat.');
    await workspace.until('a refused append', () =>
      story.slack.api.calls.some(({ error }) => error === 'stopped_by_user'),
    );
    await eventually(() => engine.cancelled === before + 1);
    expect(workspace.replies(carl.directMessages)).toHaveLength(1);
  });

  it('is edited from the start where Slack offers no streaming', async () => {
    const { workspace, slack, engine } = story;
    const dora = workspace.user('Dora');
    slack.rates.refuseNext('chat.startStream', 1);
    await dora.directMessage({ text: 'hello' });
    engine.say('It is a bat.');
    engine.end();
    const done = await story.reply('the end', dora.directMessages, isFinished);
    expect(done.text).toBe('It is a bat.');
  });
});
