import { readFileSync } from 'node:fs';
import { scenes } from './scenes.js';
import { isFinished, type Story, startStory } from './story.js';

describe('pictures on Slack', () => {
  let story: Story;
  const logged: string[] = [];

  beforeAll(async () => {
    const note = (message: string) => void logged.push(message);
    const logger = { log: note, warn: note, error: note, debug: note };
    story = await startStory({ logger, config: { images: { maxPerQuestion: 2 } } });
  });
  afterAll(() => story.close());

  const say = (...pieces: string[]) => {
    story.engine.say(...pieces);
    story.engine.end();
  };
  const imagesOfLastPrompt = () =>
    (story.engine.requests.at(-1)?.segments ?? []).filter((segment) => segment.kind === 'image').length;

  it('that the app may not read lead to a login page: people hear that, and the operator hears what to do', async () => {
    const { slack, workspace, ada } = story;
    const channel = workspace.channel('no scope', [ada]);
    slack.grantedScopes.delete('files:read');
    await ada.mention(channel, { text: 'What is this?', files: [scenes.bat] });
    say('I see nothing.');
    const answer = await story.reply('a sentence', channel, isFinished);
    slack.grantedScopes.add('files:read');
    expect(answer.text).toContain('0000.png: I am not allowed to see it.');
    expect(logged.join('\n')).toContain('Give the app the scope files:read');
  });

  it('beyond the limit are named', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('many', [ada]);
    const third = { name: 'third.png', content: readFileSync(scenes.bat) };
    await ada.mention(channel, { text: 'What are these?', files: [scenes.bat, scenes.oyster, third] });
    say('A bat and an oyster.');
    const answer = await story.reply('an answer', channel, isFinished);
    expect(answer.text).toContain('I look at 2 pictures at a time. Not looked at: third.png.');
    expect(imagesOfLastPrompt()).toBe(2);
  });

  it('come from a message that was shared into the channel', async () => {
    const { slack, workspace, ada, ben } = story;
    const other = workspace.channel('source', [ben]);
    const original = await ben.post(other, { text: 'look', files: [scenes.bat] });
    const channel = workspace.channel('shared', [ada, ben]);
    const files = slack.filesOf(original);
    await ada.mention(channel, { text: 'What is this?', attachments: [{ is_share: true, files }] });
    say('It is a bat.');
    await story.reply('an answer', channel, isFinished);
    expect(imagesOfLastPrompt()).toBe(1);
  });

  it('come from a link that Slack unfurled', async () => {
    const { slack, workspace, ada } = story;
    const channel = workspace.channel('unfurled', [ada]);
    const image_url = slack.publicFile(scenes.oyster);
    await ada.mention(channel, { text: 'What is this?', attachments: [{ image_url, from_url: image_url }] });
    say('It is an oyster.');
    await story.reply('an answer', channel, isFinished);
    expect(imagesOfLastPrompt()).toBe(1);
  });

  it('kept outside Slack are not fetched, as that would take the token there', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('external', [ada]);
    const outside = {
      id: 'F0EXTERNAL',
      name: 'drive.png',
      mimetype: 'image/png',
      url_private: 'https://example.com/a.png',
    };
    await ada.mention(channel, {
      text: 'What is this?',
      attachments: [{ is_share: true, files: [outside] }],
    });
    say('I see nothing.');
    const answer = await story.reply('a sentence', channel, isFinished);
    expect(answer.text).toContain('drive.png: I do not fetch from this address.');
  });
});
