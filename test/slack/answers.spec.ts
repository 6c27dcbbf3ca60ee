import { freePort } from '../support/free-port.js';
import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { scenes } from './scenes.js';
import { type SlackBotInWorkspace, startSlackBot } from './slack-bot.js';
import { isFinished } from './story.js';

/** The whole way, with the embedded model: Slack, Bolt, the bot, gRPC, the engine, and back as edits. */
describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  let port: number;
  let model: ModelServerProcess;
  let bot: SlackBotInWorkspace;

  beforeAll(async () => {
    port = await freePort();
    model = await startModelServer(port);
    bot = await startSlackBot({ mode, modelServer: model.address });
  }, 60_000);
  afterAll(async () => {
    await bot?.close();
    await model?.stop();
  });

  const answerIn = (channel: SlackBotInWorkspace['channel'], nth = 1) =>
    bot.workspace.until(`answer ${nth}`, () => bot.workspace.replies(channel).filter(isFinished)[nth - 1]);

  it('a mention with a picture is answered, and a question in the thread goes on about the picture', async () => {
    const { workspace, ada, ben } = bot;
    const channel = workspace.channel('first', [ada, ben]);
    const question = await ada.mention(channel, { text: 'What is this?', files: [scenes.bat] });
    const answer = await answerIn(channel);
    expect(answer.text).toBe('It is a bat.');
    expect(answer.versions.length).toBeGreaterThan(1);
    expect(answer.message.threadTs).toBe(question.ts);

    await ben.mention(channel, { text: 'What is the background color?', thread: question });
    expect((await answerIn(channel, 2)).text).toBe('The background is white.');
    expect(workspace.replies(channel)).toHaveLength(2);
  });

  it('/describe with the address of a picture is answered for everybody, with the question above', async () => {
    const { slack, workspace, ada } = bot;
    const channel = workspace.channel('describe', [ada]);
    const address = slack.publicFile(scenes.oyster);
    await ada.slash(channel, '/describe', `${address} What is this?`);
    const answer = await answerIn(channel);
    expect(answer.text).toContain('It is an oyster.');
    expect(answer.text).toContain(`<@${ada.id}> asked: What is this?`);
    expect(answer.onlyFor).toBeUndefined();

    await ada.mention(channel, { text: 'What is the background color?', thread: answer.message });
    expect((await answerIn(channel, 2)).text).toBe('The background is black.');
  });

  it('a file that is no picture is named in a sentence', async () => {
    const { workspace, ada } = bot;
    const channel = workspace.channel('bad', [ada]);
    const picture = { name: 'cat.png', content: Buffer.from('I am a text.') };
    await ada.mention(channel, { text: 'What is this?', files: [picture] });
    const answer = await workspace.until('an answer', () =>
      workspace.replies(channel).find((line) => line.text.includes('cat.png')),
    );
    expect(answer.text).toContain('cat.png: this is not a picture.');
  });

  it('a model server that is down is a plain sentence, and the next try works', async () => {
    const { workspace, ada } = bot;
    const channel = workspace.channel('down', [ada]);
    await model.stop();
    await ada.mention(channel, { text: 'What is this?', files: [scenes.bat] });
    const failed = await workspace.until('a sentence', () => workspace.replies(channel).find(isFinished));
    expect(failed.text).toBe('The model is not running right now. Please try again in a minute.');

    model = await startModelServer(port);
    await ada.press(failed.message, 'Try again');
    const answer = await workspace.until('an answer', () =>
      workspace.replies(channel).find((line) => line.text.includes('bat') && isFinished(line)),
    );
    expect(answer.message.ts).toBe(failed.message.ts);
  }, 60_000);
});
