import { scenes } from './scenes.js';
import { isFinished, type Story, startStory } from './story.js';

describe('a slash command', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory({ mode: 'http' });
  });
  afterAll(() => story.close());

  const say = (...pieces: string[]) => {
    story.engine.say(...pieces);
    story.engine.end();
  };

  it('/describe with a link to a message describes the picture in it', async () => {
    const { workspace, ada, ben, engine } = story;
    const channel = workspace.channel('permalink', [ada, ben]);
    const message = await ben.post(channel, { text: 'look', files: [scenes.bat] });
    await ada.slash(channel, '/describe', `${workspace.permalink(message)} What is this?`);
    say('It is a bat.');
    const answer = await story.reply('an answer', channel, isFinished);
    expect(answer.text).toContain('It is a bat.');
    expect(engine.requests.at(-1)?.segments.some((segment) => segment.kind === 'image')).toBe(true);
  });

  it('/describe with a link into a private channel shows nothing of it elsewhere', async () => {
    const { workspace, ada, ben } = story;
    const secret = workspace.channel('secret', [ben], { kind: 'group' });
    const message = await ben.post(secret, { text: 'secret', files: [scenes.bat] });
    const channel = workspace.channel('public', [ada]);
    await ada.slash(channel, '/describe', workspace.permalink(message));
    const refusal = await story.reply('a refusal', channel, (line) => line.onlyFor === 'Ada');
    expect(refusal.text).toBe('I only follow links to messages in public channels and in this one.');
  });

  it('/describe alone takes the latest picture of the channel', async () => {
    const { workspace, ada, ben } = story;
    const channel = workspace.channel('latest', [ada, ben]);
    await ben.post(channel, { text: 'look', files: [scenes.bat] });
    await ben.post(channel, { text: 'nice, is it not?' });
    await ada.slash(channel, '/describe');
    say('It is a bat.');
    const answer = await story.reply('an answer', channel, isFinished);
    expect(answer.text).toContain(`<@${ada.id}> asked what this shows.`);
  });

  it('/describe alone, where there is no picture, opens a modal to upload one', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('empty', [ada]);
    await ada.slash(channel, '/describe');
    await workspace.until('a modal', () => ada.modal);
    expect(ada.modal?.title).toBe('Describe a picture');
    expect(await ada.submitModal({ text: 'What is this?', files: [scenes.oyster] })).toEqual({});
    say('It is an oyster.');
    const answer = await story.reply('an answer', channel, isFinished);
    expect(answer.text).toContain('It is an oyster.');
    expect(answer.text).toContain('asked: What is this?');
  });

  it('is answered for the asker alone where the bot is not in the channel', async () => {
    const { slack, workspace, ada } = story;
    const channel = workspace.channel('elsewhere', [ada], { withApp: false });
    await ada.slash(channel, '/describe', slack.publicFile(scenes.bat));
    await story.reply('the bot to look', channel, (line) => line.text.includes('Looking…'));
    say('It is a bat.');
    const answer = await story.reply('an answer', channel, (line) => line.text.includes('It is a bat.'));
    expect(answer.onlyFor).toBe('Ada');
    expect(workspace.replies(channel)).toHaveLength(1);
  });

  it('/alt-text answers the asker alone, with text to paste', async () => {
    const { slack, workspace, ada } = story;
    const channel = workspace.channel('alt text', [ada]);
    await ada.slash(channel, '/alt-text', slack.publicFile(scenes.bat));
    say('A bat on white.');
    const answer = await story.reply('an answer', channel, (line) => line.text.includes('A bat on white.'));
    expect(answer.onlyFor).toBe('Ada');
    expect(answer.text).toBe('*Alt text*\nA bat on white.');
  });

  it('in a thread is refused by Slack itself', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('in thread', [ada]);
    const message = await ada.post(channel, { text: 'look' });
    await ada.slash(channel, '/describe', '', message);
    expect(workspace.transcript(channel).at(-1)).toMatchObject({
      author: 'Slackbot',
      text: '/describe is not supported in threads. Sorry!',
    });
  });

  it('with an address inside the own network is refused', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('guard', [ada]);
    await ada.slash(channel, '/describe', 'https://169.254.169.254/latest/meta-data');
    const answer = await story.reply('an answer', channel, isFinished);
    expect(answer.text).toContain('I do not fetch from this address.');
  });
});
