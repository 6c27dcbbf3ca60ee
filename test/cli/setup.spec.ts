import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

import { parse } from 'yaml';

import { Dialogue, SetupCancelled } from '../../apps/cli/src/setup/dialogue.js';
import { setUp } from '../../apps/cli/src/setup/set-up.js';
import { readVariables } from '../../libs/start-up/src/index.js';
import { DiscordServer } from '../../test-servers/discord/index.js';
import { SlackServer } from '../../test-servers/slack/index.js';
import { manifestPath } from '../slack/slack-bot.js';
import { eventually } from '../support/eventually.js';
import { runCommandWith } from './command-line.js';

const [space, enter, down, interrupt] = [' ', '\r', '\u001b[B', '\u0003'];

/** A person at a terminal, who reads what comes and types. */
class Person {
  private readonly keys = new PassThrough();
  private readonly screen = new PassThrough();
  private shown = '';
  private read = 0;
  readonly dialogue = new Dialogue(this.keys, this.screen);

  constructor() {
    this.screen.on('data', (text) => {
      this.shown += stripVTControlCharacters(String(text));
    });
  }

  /** Waits until a question is on the screen, below what was answered before, and types. */
  async answers(question: string, ...typed: readonly string[]): Promise<void> {
    await eventually(() => this.shown.indexOf(question, this.read) >= 0);
    this.read = this.shown.indexOf(question, this.read) + question.length;
    for (const keys of typed) this.keys.write(keys);
  }

  async reads(text: string): Promise<void> {
    await this.answers(text);
  }
}

let folder: string;
let discord: DiscordServer;
let slack: SlackServer;

beforeAll(async () => {
  discord = await DiscordServer.start({ token: 'good.discord.token' });
  slack = await SlackServer.start(manifestPath);
});
afterAll(async () => {
  await discord.close();
  await slack.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-'));
});
afterEach(() => rm(folder, { recursive: true }));

const start = (person: Person) =>
  setUp(person.dialogue, { folder, discordApi: discord.apiUrl, slackApi: slack.apiUrl });

describe('npm run setup', () => {
  it('checks the tokens as they are pasted, and writes .env and who may ask', async () => {
    discord.guild('Pets');
    const person = new Person();
    const done = start(person);
    await person.answers('Where should the bot answer', space, down, space, enter);
    await person.answers('The token', 'wrong.token', enter);
    await person.reads('Discord does not accept DISCORD_TOKEN');
    await person.answers('The token', discord.token, enter);
    await person.reads('It is in Pets.');
    await person.answers('How should Slack reach the bot?', enter);
    await person.reads('https://api.slack.com/apps?new_app=1');
    await person.answers('The bot token', slack.botToken, enter);
    await person.answers('The app token', slack.appToken, enter);
    await person.reads('Slack knows it as @');
    await person.answers('Who may ask?', down, enter);
    await person.answers('Which?', enter);
    await done;
    expect(readVariables(join(folder, '.env'))).toMatchObject({
      DISCORD_TOKEN: discord.token,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_SIGNING_SECRET: '',
      WEB_PORT: '3000',
    });
    expect((await stat(join(folder, '.env'))).mode & 0o077).toBe(0);
    const [pets] = discord.state.guilds.keys();
    expect(parse(await readFile(join(folder, 'bot.config.yaml'), 'utf8')).permissions.servers.allow).toEqual([
      pets,
      expect.stringMatching(/^T/),
      'web',
    ]);
  });

  it('keeps what is set already, and leaves a configuration alone', async () => {
    await writeFile(join(folder, '.env'), '# mine\nWEB_PORT=8080\nDISCORD_TOKEN=old\n');
    await writeFile(join(folder, 'bot.config.yaml'), 'language: de\n');
    const person = new Person();
    const done = start(person);
    await person.answers('Where should the bot answer', space, enter);
    await person.answers('The token', discord.token, enter);
    await done;
    expect(await readFile(join(folder, '.env'), 'utf8')).toBe(
      `# mine\nWEB_PORT=8080\nDISCORD_TOKEN=${discord.token}\n`,
    );
    expect(await readFile(join(folder, 'bot.config.yaml'), 'utf8')).toBe('language: de\n');
  });

  it.each([
    ['at the token', [['The token', interrupt]]],
    [
      'at the last question',
      [
        ['The token', 'good.discord.token', enter],
        ['Who may ask?', interrupt],
      ],
    ],
  ])('writes nothing when it is left %s', async (_where, answers) => {
    const person = new Person();
    const done = start(person);
    await person.answers('Where should the bot answer', space, enter);
    for (const [question = '', ...typed] of answers) await person.answers(question, ...typed);
    await expect(done).rejects.toBeInstanceOf(SetupCancelled);
    await expect(stat(join(folder, '.env'))).rejects.toThrow('ENOENT');
  });
});

describe('doctor --tokens', () => {
  const doctor = (variables: Readonly<Record<string, string>>) =>
    runCommandWith(
      { DISCORD_API_URL: discord.apiUrl, SLACK_API_URL: slack.apiUrl, ...variables },
      ...['doctor', '--tokens'],
    );

  it('says where the bot is, what it lacks there, and the link that adds it', async () => {
    const guild = discord.guild('Meadow');
    guild.roles.get(guild.id)!.permissions = 1n << 10n;
    const { exitCode, stdout } = await doctor({
      DISCORD_TOKEN: discord.token,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
    });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✓ Discord +Lumen, in .*Meadow/);
    expect(stdout).toMatch(
      /✗ Discord +In the server Meadow the bot's role lacks Send Messages, .*Read Message History/,
    );
    expect(stdout).toContain('https://discord.com/oauth2/authorize?client_id=');
    expect(stdout).toMatch(/✓ Slack +@\S+ in .* \(Socket Mode\)/);
    expect(stdout).not.toContain(discord.token);
  });

  it('says which token is refused', async () => {
    const { exitCode, stdout } = await doctor({
      DISCORD_TOKEN: 'wrong.token',
      SLACK_BOT_TOKEN: 'xoxb-wrong',
      SLACK_SIGNING_SECRET: 's',
    });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ Discord +Discord does not accept DISCORD_TOKEN. Press "Reset Token"/);
    expect(stdout).toMatch(/✗ Slack +Slack does not accept SLACK_BOT_TOKEN \(invalid_auth\)/);
  });
});
