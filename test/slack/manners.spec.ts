import { mentionsIn } from '../slack-server/index.js';
import { isFinished, type Story, startStory } from './story.js';

describe("the bot's manners on Slack", () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory({ config: { limits: { perUser: { questions: 3, seconds: 60 } } } });
  });
  afterAll(() => story.close());

  const say = (...pieces: string[]) => {
    story.engine.say(...pieces);
    story.engine.end();
  };

  it('let the model ping nobody, in channels and in streams', async () => {
    const { workspace, ada, ben } = story;
    const channel = workspace.channel('pings', [ada, ben]);
    const pieces = ['<', '!channel> <@', `${ben.id}> `, `<@${ben.id}> <!here|here>`];
    await ada.mention(channel, { text: 'hello' });
    say(...pieces);
    const edited = await story.reply('an answer', channel, isFinished);
    await ada.directMessage({ text: 'hello' });
    say(...pieces);
    const streamed = await story.reply('an answer', ada.directMessages, isFinished);
    expect(mentionsIn(edited.message)).toEqual([]);
    expect(mentionsIn(streamed.message)).toEqual([]);
    expect(edited.text).toContain('!channel>');
  });

  it('split long answers into further messages in the thread, and lose no word', async () => {
    const { workspace } = story;
    const carl = workspace.user('Carl');
    const channel = workspace.channel('long', [carl]);
    const paragraphs = Array.from(
      { length: 40 },
      (_, index) => `Paragraph ${index}: ${'word '.repeat(30).trim()}.`,
    );
    const question = await carl.mention(channel, { text: 'hello' });
    say(paragraphs.join('\n\n'));
    await story.reply('the end', channel, isFinished);
    const replies = workspace.replies(channel);
    expect(replies.length).toBeGreaterThan(1);
    expect(replies.every((line) => line.message.threadTs === question.ts)).toBe(true);
    const words = replies.map((line) => line.text).join('\n\n');
    expect(words.split(/\s+/)).toEqual(paragraphs.join('\n\n').split(/\s+/));
  });

  it('wait when Slack asks for it, and still show the whole answer', async () => {
    const { slack, workspace } = story;
    const dora = workspace.user('Dora');
    const channel = workspace.channel('slow', [dora]);
    await dora.mention(channel, { text: 'hello' });
    await story.reply('the bot to look', channel, (line) => line.buttons.includes('Stop'));
    slack.rates.refuseNext('chat.update', 1);
    say('It is ', 'a bat.');
    const answer = await story.reply('the end', channel, isFinished);
    expect(answer.text).toBe('It is a bat.');
    expect(slack.rates.refusals.get('chat.update')).toBe(1);
  });

  it('tell who asks too much, and nobody else, when to ask again', async () => {
    const { workspace } = story;
    const emma = workspace.user('Emma');
    const channel = workspace.channel('much', [emma]);
    for (let nth = 1; nth <= 3; nth += 1) {
      await emma.mention(channel, { text: 'hello' });
      say('Hello.');
      await workspace.until('an answer', () => workspace.replies(channel).filter(isFinished).length === nth);
    }
    await emma.mention(channel, { text: 'hello' });
    const refusal = await story.reply('a refusal', channel, (line) => line.onlyFor === 'Emma');
    expect(refusal.text).toMatch(/^That was a lot of questions\. Please ask again in \d+ s\.$/);
  });

  it("speak the asker's language", async () => {
    const { workspace } = story;
    const fritz = workspace.user('Fritz', { locale: 'de-DE' });
    const channel = workspace.channel('deutsch', [fritz]);
    await fritz.mention(channel, { text: 'hallo' });
    say('Hello.');
    const answer = await story.reply('an answer', channel, (line) => line.buttons.length === 3);
    expect(answer.buttons[0]).toBe('Noch einmal');
  });
});
