import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, runServer } from '../model-server/running-server.js';
import { SlackServer } from '../slack-server/index.js';
import { HeldEngine } from '../support/held-engine.js';
import { manifestPath, slackEnvironment } from './slack-bot.js';
import { isFinished } from './story.js';

/** The bot as its own process, killed in the middle of an answer and started again. */
describe.each(['channel', 'im'] as const)('a bot that is killed while it answers (%s)', (kind) => {
  let slack: SlackServer;
  let model: RunningServer;
  let folder: string;
  let bot: ChildProcess;
  const engine = new HeldEngine();

  beforeAll(async () => {
    slack = await SlackServer.start(manifestPath);
    model = await runServer(() => engine);
    folder = mkdtempSync(join(tmpdir(), 'slack-bot-'));
    bot = await startProcess();
  }, 60_000);
  afterAll(async () => {
    await end(bot);
    await slack.close();
    await model.close();
    rmSync(folder, { recursive: true });
  });

  async function startProcess(): Promise<ChildProcess> {
    const config = join(folder, 'bot.config.yaml');
    const { host } = new URL(slack.url);
    writeFileSync(config, JSON.stringify({ images: { trustedHosts: [host] }, slack: { fileHosts: [host] } }));
    const process_ = spawn(process.execPath, ['dist/apps/bot/src/main.js'], {
      env: {
        ...process.env,
        ...slackEnvironment(slack, 'socket', 0),
        BOT_CONFIG: config,
        WEB_PORT: '0',
        MODEL_SERVER_ADDRESS: model.address,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await slack.workspace.until('the bot to connect', () => slack.sockets.connections === 1);
    return process_;
  }

  async function end(process_: ChildProcess): Promise<void> {
    if (process_.exitCode !== null || process_.signalCode !== null) return;
    const exit = once(process_, 'exit');
    process_.kill('SIGKILL');
    await exit;
  }

  it('marks the half answer at the next question in the thread, and goes on with the whole conversation', async () => {
    const { workspace } = slack;
    const ada = workspace.user('Ada');
    const conversation = kind === 'im' ? ada.directMessages : workspace.channel('pictures', [ada]);
    const question = await (kind === 'im'
      ? ada.directMessage({ text: 'What is this?' })
      : ada.mention(conversation, { text: 'What is this?' }));
    engine.say('It is ');
    await workspace.until('half an answer', () =>
      workspace.replies(conversation).find((line) => line.text.includes('It is')),
    );
    await end(bot);
    await workspace.until('the connection to end', () => slack.sockets.connections === 0);
    bot = await startProcess();

    await ada.post(conversation, { text: `<@${slack.store.bot.id}> And now?`, thread: question });
    engine.say('A bat.');
    engine.end();
    await workspace.until('the next answer', () =>
      workspace.replies(conversation).find((line) => line.text === 'A bat.' && isFinished(line)),
    );
    const [half, whole] = workspace.replies(conversation);
    expect(half?.text).toMatch(/^It is\s*\n_This answer broke off\._$/);
    expect(half?.buttons).toEqual(['Try again']);
    expect(whole?.text).toBe('A bat.');
    const prompt = engine.requests
      .at(-1)
      ?.segments.map((segment) => ('text' in segment ? segment.text : ''))
      .join('');
    expect(prompt).toMatch(/What is this\?[\s\S]*It is[\s\S]*And now\?/);
  }, 60_000);

  it('lets the dead Stop button below a half answer become Try again', async () => {
    const { workspace } = slack;
    const ben = workspace.user('Ben');
    const channel = workspace.channel('dead button', [ben]);
    await ben.mention(channel, { text: 'What is this?' });
    engine.say('It is ');
    const half = await workspace.until('half an answer', () =>
      workspace.replies(channel).find((line) => line.text.includes('It is')),
    );
    await end(bot);
    await workspace.until('the connection to end', () => slack.sockets.connections === 0);
    bot = await startProcess();
    await ben.press(half.message, 'Stop');
    const marked = await workspace.until('the mark', () => workspace.replies(channel).find(isFinished));
    expect(marked.text).toContain('This answer broke off.');
  }, 60_000);
});
